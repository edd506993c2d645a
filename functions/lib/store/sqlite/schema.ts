import type { DatabaseSync } from 'node:sqlite';
import { type Layout, rollupRowNames, rollupTable } from './layout.ts';
import { unknownField } from './parts.ts';
import { keptLogBytes } from './same-files.ts';

/** Counts up with every change of the tables; a file of a newer version is refused. */
export const schemaVersion = 3;

const sqlType = { number: 'REAL', flag: 'INTEGER', text: 'TEXT', list: 'TEXT' } as const;

/** Opens the file's settings: WAL and an fsync per commit, so that a commit is on disk when it returns. */
export function configure(db: DatabaseSync): void {
  db.exec(`
    PRAGMA busy_timeout = 2000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    -- What is deleted is overwritten, in pages that are freed too: erased and expired samples do not linger in the file.
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA journal_size_limit = ${keptLogBytes};
    -- Pages of a car's tail are written again and again: the fewer checkpoints, the fewer copies of them (16 MiB of log).
    PRAGMA wal_autocheckpoint = 4000;
  `);
}

/**
 * Creates the tables of an empty file, adds columns that a newer sample schema brought. Throws on a newer file, and where
 * samples with a field that only a newer program knows are not in rows yet: in rows it would be left alone.
 */
export function migrate(db: DatabaseSync, layout: Layout): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > schemaVersion) {
    throw new Error(`the data file has version ${version}; this program knows up to ${schemaVersion}`);
  }
  const missing = [
    ...(version < 1 ? [tables(layout)] : []),
    ...(version < 2 ? [erasureTable] : []),
    ...(version < 3 ? [partColumns] : []),
  ].join('');
  if (missing !== '') db.exec(`BEGIN; ${missing} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
  const sampleColumns = layout.columns.map(({ name, kind }) => [name, sqlType[kind]] as const);
  addMissing(db, 'sample', sampleColumns);
  const rollupColumns = rollupRowNames(layout).map((name) => [name, ''] as const);
  for (const table of Object.values(rollupTable)) addMissing(db, table, rollupColumns);
  demandKnownFields(db, layout);
}

function demandKnownFields(db: DatabaseSync, layout: Layout): void {
  const known = new Set(['vehicleId', 'timeMs', 'device', ...layout.columns.map(({ name }) => name)]);
  // As long as nobody has added a column, no part need be looked at.
  if ([...columnsOf(db, 'sample')].every((name) => known.has(name))) return;
  const parts = db.prepare('SELECT part FROM receipt INDEXED BY receiptPending WHERE pending > 0 AND part IS NOT NULL');
  for (const { part } of parts.iterate()) {
    const field = unknownField(part as Uint8Array, layout);
    if (field !== undefined) {
      throw new Error(
        `the data file has samples with the field ${field} that wait to be processed, by the newer program`,
      );
    }
  }
}

/** Since version 2. */
const erasureTable = 'CREATE TABLE erasure (vehicle TEXT PRIMARY KEY, untilMs INTEGER NOT NULL) WITHOUT ROWID;';

/**
 * Since version 3. A receipt carries its samples as a part until somebody derives from them (parts.ts). One that was joined
 * from several has the earliest `receivedMs` of theirs and a later id, so that it says nothing about the clock.
 */
const partColumns = `
  ALTER TABLE receipt ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE receipt ADD COLUMN part BLOB CHECK (part IS NULL OR pending = 2);
`;

function tables(layout: Layout): string {
  return `
    CREATE TABLE vehicle (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT 0,
      tripsVersion INTEGER NOT NULL DEFAULT 0, codesVersion INTEGER NOT NULL DEFAULT 0,
      rawFloorMs INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE sample (
      vehicleId INTEGER NOT NULL, timeMs INTEGER NOT NULL, device TEXT NOT NULL,
      ${layout.columns.map((column) => `${column.name} ${sqlType[column.kind]}`).join(', ')},
      PRIMARY KEY (vehicleId, timeMs, device)
    ) WITHOUT ROWID;
    CREATE INDEX sampleCodes ON sample (vehicleId, timeMs, device) WHERE codesStored IS NOT NULL;
    CREATE TABLE receipt (
      id INTEGER PRIMARY KEY AUTOINCREMENT, vehicleId INTEGER NOT NULL, dayMs INTEGER NOT NULL,
      fromMs INTEGER NOT NULL, toMs INTEGER NOT NULL, count INTEGER NOT NULL, receivedMs INTEGER NOT NULL,
      pending INTEGER NOT NULL, rollup INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX receiptPending ON receipt (vehicleId, id) WHERE pending > 0;
    CREATE INDEX receiptRollup ON receipt (id) WHERE rollup > 0;
    CREATE TABLE day (
      vehicleId INTEGER NOT NULL, dayMs INTEGER NOT NULL, tripsSealed INTEGER, rollupsSealed INTEGER,
      PRIMARY KEY (vehicleId, dayMs)
    ) WITHOUT ROWID;
    -- Tables with long rows keep their rowid: without one, a row over a quarter of a page takes an overflow page each.
    CREATE TABLE trip (
      id TEXT PRIMARY KEY, vehicleId INTEGER NOT NULL, startMs INTEGER NOT NULL, endMs INTEGER NOT NULL,
      status TEXT NOT NULL, dueMs INTEGER, body TEXT NOT NULL
    );
    CREATE INDEX tripVehicle ON trip (vehicleId, startMs);
    CREATE INDEX tripStart ON trip (startMs);
    CREATE INDEX tripDue ON trip (dueMs) WHERE dueMs IS NOT NULL;
    CREATE TABLE alert (
      vehicleId INTEGER NOT NULL, timeMs INTEGER NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL,
      detail TEXT NOT NULL, PRIMARY KEY (vehicleId, timeMs, origin, kind, detail)
    ) WITHOUT ROWID;
    CREATE INDEX alertTime ON alert (timeMs);
    CREATE TABLE deadLetter (
      id TEXT PRIMARY KEY, event TEXT NOT NULL, vehicle TEXT, destination TEXT NOT NULL, code INTEGER,
      reason TEXT NOT NULL, firstMs INTEGER NOT NULL, lastMs INTEGER NOT NULL, count INTEGER NOT NULL,
      replayedMs INTEGER
    );
    ${Object.values(rollupTable)
      .map(
        (table) => `
    CREATE TABLE ${table} (
      vehicleId INTEGER NOT NULL, startMs INTEGER NOT NULL, ${rollupRowNames(layout).join(', ')},
      PRIMARY KEY (vehicleId, startMs)
    );
    CREATE INDEX ${table}Start ON ${table} (startMs);`,
      )
      .join('')}
  `;
}

function addMissing(db: DatabaseSync, table: string, wanted: (readonly [name: string, type: string])[]): void {
  const there = columnsOf(db, table);
  for (const [name, type] of wanted) if (!there.has(name)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
}

function columnsOf(db: DatabaseSync, table: string): Set<string> {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  return new Set(columns.map(({ name }) => name as string));
}
