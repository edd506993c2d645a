import { copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noonMs, readAll, sampleAt } from '../contract/fixtures.ts';
import { StoreUnavailable } from '../port.ts';
import { openSqliteStore } from '../sqlite.ts';

/** What somebody may do to the files of a store that is open. */
const faults: Record<string, (path: string) => void> = {
  'replaced by a copy': (path) => {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
  },
  removed: (path) => rmSync(path),
  'cut off': (path) => truncateSync(path, 100),
  'with its log removed': (path) => rmSync(`${path}-wal`),
  'with its log cut off': (path) => truncateSync(`${path}-wal`, 0),
};

test.each(Object.entries(faults))('nothing is acknowledged into a file that is %s', async (_, fault) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'fleet.db');
  const fatal: Error[] = [];
  const store = await openSqliteStore({ path, paceMs: 0, onFatal: (error) => fatal.push(error) });
  onTestFinished(() => store.close());
  const append = (timeMs: number) => store.append([{ vehicle: 'car', samples: [sampleAt(timeMs)] }], noonMs);
  await append(noonMs);
  await append(noonMs + 1);
  expect(await readAll(store, 'car')).toHaveLength(2);
  fault(path);
  await expect(append(noonMs + 2)).rejects.toThrow(StoreUnavailable);
  expect(fatal[0]?.message).toContain(path);
  await expect(append(noonMs + 3)).rejects.toThrow(StoreUnavailable);
  await expect(readAll(store, 'car')).rejects.toThrow(StoreUnavailable);
});
