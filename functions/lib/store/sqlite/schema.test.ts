import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { windowMs } from '../../rollups/rollup.ts';
import { columns, rollupColumns } from '../../telemetry/columns.ts';
import { noonMs, sampleAt } from '../contract/fixtures.ts';
import { openTables } from '../testing/sqlite-tables.ts';
import { migrate, schemaVersion } from './schema.ts';

const layout = { columns, rollupColumns, windowMs };

const tablesOf = (db: DatabaseSync) =>
  Object.fromEntries(
    ['sample', 'rollup1m', 'rollup5m'].map((table) => [
      table,
      db.prepare(`SELECT name, type FROM pragma_table_info(?) ORDER BY name`).all(table),
    ]),
  );

/** A file as the program of an earlier version left it. */
function openAt(version: number): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db, layout);
  if (version < 3) db.exec('ALTER TABLE receipt DROP COLUMN part; ALTER TABLE receipt DROP COLUMN joined');
  if (version < 2) db.exec('DROP TABLE erasure');
  db.exec(`PRAGMA user_version = ${version}`);
  return db;
}

const dayMs = noonMs - 43_200_000;

describe('the tables of the data file', () => {
  it('are made once', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, layout);
    const before = db.prepare('SELECT * FROM sqlite_schema').all();
    migrate(db, layout);
    expect(db.prepare('SELECT * FROM sqlite_schema').all()).toEqual(before);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: schemaVersion });
  });

  it('get the columns that a newer sample schema brought', () => {
    const [wanted, older] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')];
    migrate(wanted, layout);
    const without = (list: typeof columns) => list.filter(({ name }) => name !== 'oilC' && name !== 'driver');
    migrate(older, { ...layout, columns: without(columns), rollupColumns: without(rollupColumns) });
    migrate(older, layout);
    expect(tablesOf(older)).toEqual(tablesOf(wanted));
  });

  it('of version 1 get the tombstones, and of version 2 the parts of receipts', () => {
    const [wanted, first, second] = [openAt(schemaVersion), openAt(1), openAt(2)];
    const schemaOf = (db: DatabaseSync) => db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
    expect(schemaOf(first)).not.toEqual(schemaOf(wanted));
    for (const db of [first, second]) {
      migrate(db, layout);
      expect(schemaOf(db)).toEqual(schemaOf(wanted));
    }
  });

  it('of version 2 keep what is pending, all of which is derived; ids of receipts go on', () => {
    const db = openAt(2);
    db.exec(`INSERT INTO vehicle (name, version) VALUES ('car', 2);
      INSERT INTO sample (vehicleId, timeMs, device, speedKmh) VALUES (1, ${noonMs}, 'main', 1), (1, ${noonMs + 1}, 'main', 2);
      INSERT INTO receipt (vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, attempts) VALUES
        (1, ${dayMs}, ${noonMs}, ${noonMs}, 1, 5, 2, 2, 3), (1, ${dayMs}, ${noonMs + 1}, ${noonMs + 1}, 1, 6, 1, 2, 0),
        (1, ${dayMs}, ${noonMs + 1}, ${noonMs + 1}, 1, 6, 0, 0, 0);
      DELETE FROM receipt WHERE id = 3`);
    const tables = openTables({}, db);
    const { reads } = tables;
    const receipts = () => reads.receipts({ limit: 10 });
    expect(receipts()).toMatchObject([
      {
        id: '1',
        vehicle: 'car',
        fromMs: noonMs,
        toMs: noonMs,
        count: 1,
        receivedMs: 5,
        pending: 2,
        rollup: 2,
        attempts: 3,
      },
      { id: '2', receivedMs: 6, pending: 1 },
    ]);
    // The event that named it so was under way when the program was updated.
    tables.commit((writes) => writes.markReceipts({ ids: ['1.1', '2.1'], marks: { pending: 0 } }));
    expect(receipts()).toMatchObject([{ pending: 2 }, { pending: 1 }]);

    const later = [sampleAt(noonMs + 1, { coolantC: 90 }), sampleAt(noonMs + 2)];
    expect(tables.append([{ vehicle: 'car', samples: later }], 7)).toEqual(['4']);
    const samples = [
      sampleAt(noonMs, { speedKmh: 1 }),
      sampleAt(noonMs + 1, { speedKmh: 2, coolantC: 90 }),
      sampleAt(noonMs + 2),
    ];
    expect(tables.page('car', 0, Infinity, 10)).toEqual(samples);
    const ids = receipts().map(({ id }) => id);
    tables.commit((writes) => {
      writes.markReceipts({ ids, marks: { pending: 0 } });
      writes.rollUp({ tier: '1m', vehicle: 'car', fromMs: noonMs, toMs: noonMs + 2 });
    });
    expect(receipts()).toMatchObject([{ pending: 0 }, { pending: 0 }, { pending: 0 }]);
    expect(tables.page('car', 0, Infinity, 10)).toEqual(samples);
    const after = { startMs: 0, vehicle: '' };
    expect(reads.rollupPage({ tier: '1m', vehicle: 'car', after, toMs: Infinity, limit: 10 })).toMatchObject([
      { count: 3 },
    ]);
    expect(() => db.exec("UPDATE receipt SET part = x'00'")).toThrow(/CHECK/);
    tables.close();
  });

  it('of a newer version are refused', () => {
    const db = new DatabaseSync(':memory:');
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    expect(() => migrate(db, layout)).toThrow(/version/);
  });

  it('of a program with more fields are taken, unless such a field stands in what nobody has made rows of', () => {
    const older = { ...layout, columns: columns.filter(({ name }) => name !== 'driver') };
    const tables = openTables();
    tables.append([{ vehicle: 'car', samples: [sampleAt(noonMs)] }], noonMs);
    expect(() => migrate(tables.db, older)).not.toThrow();
    const ids = tables.append([{ vehicle: 'car', samples: [sampleAt(noonMs, { driver: 'x' })] }], noonMs) as string[];
    expect(() => migrate(tables.db, older)).toThrow(/field driver/);
    tables.commit((writes) => writes.markReceipts({ ids, marks: { pending: 1 } }));
    expect(() => migrate(tables.db, older)).not.toThrow();
    tables.close();
  });
});
