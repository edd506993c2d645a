import { expect, it } from 'vitest';
import { noonMs, sampleAt } from '../contract/fixtures.ts';
import { encode, layout, openTables } from '../testing/sqlite-tables.ts';
import { connection } from './statements.ts';
import { createWrites } from './writes.ts';

it('after a rolled-back transaction nothing is known that is not there, though the disk fails once more', () => {
  const tables = openTables();
  const real = connection(tables.db);
  let failing: string | undefined;
  const sql = (text: string) => {
    if (failing && text.includes(failing)) throw new Error('disk I/O error');
    return real.sql(text);
  };
  const writes = createWrites({ ...real, sql }, layout);
  const append = () => {
    const group = { ...encode([{ vehicle: 'car', samples: [sampleAt(noonMs)] }]), receivedMs: noonMs };
    tables.db.exec('BEGIN IMMEDIATE');
    try {
      const ids = writes.append(group);
      tables.db.exec('COMMIT');
      return ids;
    } catch (cause) {
      tables.db.exec('ROLLBACK');
      writes.forgetCaches();
      throw cause;
    }
  };
  for (failing of ['INSERT INTO receipt', 'FROM erasure']) expect(append).toThrow('disk I/O error');
  failing = undefined;
  expect(append()).toEqual(['1']);
  expect(tables.page('car', 0, Infinity, 10)).toHaveLength(1);
  tables.close();
});
