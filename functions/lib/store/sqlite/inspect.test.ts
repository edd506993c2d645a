import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noonMs, sampleAt } from '../contract/fixtures.ts';
import { openTables, type Tables } from '../testing/sqlite-tables.ts';
import { inspectStore } from './inspect.ts';

let folder: string;
let path: string;
let tables: Tables;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  path = join(folder, 'fleet.sqlite');
  tables = openTables({ joinEvery: { parts: 4, perVehicle: 1 } }, new DatabaseSync(path));
});
afterEach(() => {
  tables.close();
  rmSync(folder, { recursive: true });
});

/** A small part of one vehicle, which is joined with others, and a big one of another, which stays. */
const append = (receivedMs: number) =>
  tables.append(
    [
      { vehicle: 'car', samples: [sampleAt(noonMs)] },
      { vehicle: 'van', samples: Array.from({ length: 64 }, (_, i) => sampleAt(noonMs + i)) },
    ],
    receivedMs,
  );

it('receipts that were joined are no sign of a clock that was set back', () => {
  for (let second = 0; second < 10; second++) append(noonMs + second * 1_000);
  const receipts = tables.reads.receipts({ limit: 100 });
  expect(receipts.length).toBeLessThan(20);
  expect(receipts.some(({ receivedMs }, i) => receivedMs < (receipts[i - 1]?.receivedMs ?? 0))).toBe(true);
  expect(inspectStore(path, noonMs)).toMatchObject({ stepBack: null, newestReceivedMs: noonMs + 9_000 });
  append(noonMs - 60_000);
  expect(inspectStore(path, noonMs).stepBack).toEqual({ byMs: 69_000, toMs: noonMs - 60_000 });
});

it('a file of before version 3 is inspected too', () => {
  append(noonMs);
  tables.db.exec(`UPDATE receipt SET part = NULL; ALTER TABLE receipt DROP COLUMN part;
    ALTER TABLE receipt DROP COLUMN joined; PRAGMA user_version = 2`);
  expect(inspectStore(path, noonMs)).toMatchObject({ faults: [], pending: { count: 2 }, stepBack: null });
});
