import type { DatabaseSync } from 'node:sqlite';
import { type RollupTier, rollupTiers } from '../../rollups/rollup.ts';
import { type Column, columns, rollupColumns } from '../../telemetry/columns.ts';

/** Counts up with every change of the tables; a file of a newer version is refused. */
export const schemaVersion = 1;

export const rollupTable: Record<RollupTier, string> = { '1m': 'rollup1m', '5m': 'rollup5m' };

/** The columns that a rollup row has for a field. */
export function aggregateNames(column: Column): string[] {
  const sum = column.rollup === 'noMean' ? [] : [`${column.name}_sum`];
  return [`${column.name}_count`, ...sum, `${column.name}_min`, `${column.name}_max`, `${column.name}_last`];
}

/** Every column of a rollup row after vehicleId and startMs. */
export const rollupRowNames: readonly string[] = ['count', ...rollupColumns.flatMap(aggregateNames)];

const sqlType = { number: 'REAL', flag: 'INTEGER', text: 'TEXT', list: 'TEXT' } as const;

/** Opens the file's settings: WAL and an fsync per commit, so that a commit is on disk when it returns. */
export function configure(db: DatabaseSync): void {
  db.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
  `);
}

/** Creates the tables of an empty file, adds columns that a newer sample schema brought. Throws on a newer file. */
export function migrate(db: DatabaseSync): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > schemaVersion) {
    throw new Error(`the data file has version ${version}; this program knows up to ${schemaVersion}`);
  }
  db.exec(`
    CREATE TABLE IF NOT EXISTS vehicle (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS sample (
      vehicleId INTEGER NOT NULL, timeMs INTEGER NOT NULL, device TEXT NOT NULL,
      ${columns.map((column) => `${column.name} ${sqlType[column.kind]}`).join(', ')},
      PRIMARY KEY (vehicleId, timeMs, device)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sampleCodes ON sample (vehicleId, timeMs, device) WHERE codesStored IS NOT NULL;
    CREATE TABLE IF NOT EXISTS receipt (
      id INTEGER PRIMARY KEY AUTOINCREMENT, vehicleId INTEGER NOT NULL, dayMs INTEGER NOT NULL,
      fromMs INTEGER NOT NULL, toMs INTEGER NOT NULL, count INTEGER NOT NULL, receivedMs INTEGER NOT NULL,
      pending INTEGER NOT NULL, rollup INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS receiptPending ON receipt (vehicleId, id) WHERE pending > 0;
    CREATE INDEX IF NOT EXISTS receiptRollup ON receipt (id) WHERE rollup > 0;
    CREATE INDEX IF NOT EXISTS receiptDay ON receipt (vehicleId, dayMs);
    CREATE TABLE IF NOT EXISTS seal (
      vehicleId INTEGER NOT NULL, dayMs INTEGER NOT NULL, kind TEXT NOT NULL, differences INTEGER NOT NULL,
      PRIMARY KEY (vehicleId, dayMs, kind)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS trip (
      id TEXT PRIMARY KEY, vehicleId INTEGER NOT NULL, startMs INTEGER NOT NULL, endMs INTEGER NOT NULL,
      status TEXT NOT NULL, dueMs INTEGER, body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tripVehicle ON trip (vehicleId, startMs);
    CREATE INDEX IF NOT EXISTS tripStart ON trip (startMs);
    CREATE INDEX IF NOT EXISTS tripDue ON trip (dueMs) WHERE dueMs IS NOT NULL;
    CREATE TABLE IF NOT EXISTS alert (
      vehicleId INTEGER NOT NULL, timeMs INTEGER NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL,
      detail TEXT NOT NULL, PRIMARY KEY (vehicleId, timeMs, origin, kind, detail)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS deadLetter (
      id TEXT PRIMARY KEY, event TEXT NOT NULL, vehicle TEXT, destination TEXT NOT NULL, code INTEGER,
      reason TEXT NOT NULL, firstMs INTEGER NOT NULL, lastMs INTEGER NOT NULL, count INTEGER NOT NULL,
      replayedMs INTEGER
    ) WITHOUT ROWID;
    ${rollupTiers
      .map(
        (tier) => `CREATE TABLE IF NOT EXISTS ${rollupTable[tier]} (
          vehicleId INTEGER NOT NULL, startMs INTEGER NOT NULL, ${rollupRowNames.join(', ')},
          PRIMARY KEY (vehicleId, startMs)
        ) WITHOUT ROWID;`,
      )
      .join('\n')}
    PRAGMA user_version = ${schemaVersion};
  `);
  addMissing(db, 'sample', columns.map((column) => [column.name, sqlType[column.kind]]));
  for (const tier of rollupTiers) addMissing(db, rollupTable[tier], rollupRowNames.map((name) => [name, '']));
}

function addMissing(db: DatabaseSync, table: string, wanted: string[][]): void {
  const there = new Set(db.prepare('SELECT name FROM pragma_table_info(?)').all(table).map((row) => row.name));
  for (const [name, type] of wanted) {
    if (name !== undefined && !there.has(name)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
  }
}
