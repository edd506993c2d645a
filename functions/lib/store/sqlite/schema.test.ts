import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { windowMs } from '../../rollups/rollup.ts';
import { columns, rollupColumns } from '../../telemetry/columns.ts';
import { migrate, schemaVersion } from './schema.ts';

const layout = { columns, rollupColumns, windowMs };

const tablesOf = (db: DatabaseSync) =>
  Object.fromEntries(
    ['sample', 'rollup1m', 'rollup5m'].map((table) => [
      table,
      db.prepare(`SELECT name, type FROM pragma_table_info(?) ORDER BY name`).all(table),
    ]),
  );

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

  it('of version 1 get the tombstones', () => {
    const [wanted, older] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')];
    for (const db of [wanted, older]) migrate(db, layout);
    older.exec('DROP TABLE erasure; PRAGMA user_version = 1');
    migrate(older, layout);
    const schemaOf = (db: DatabaseSync) => db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
    expect(schemaOf(older)).toEqual(schemaOf(wanted));
  });

  it('of a newer version are refused', () => {
    const db = new DatabaseSync(':memory:');
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    expect(() => migrate(db, layout)).toThrow(/version/);
  });
});
