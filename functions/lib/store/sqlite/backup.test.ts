import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, readAll, sampleAt } from '../contract/fixtures.ts';
import { openSqliteStore } from '../sqlite.ts';
import { backUp, checkBackup, dropNote } from './backup.ts';

let folder: string;
let path: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  path = join(folder, 'fleet.sqlite');
  target = join(folder, 'copy');
});
afterEach(() => rmSync(folder, { recursive: true }));

const note = { madeAt: '2026-03-10T12:00:00Z', files: { 'tokens.json': '{"tokens":[]}' } };

describe('a backup', () => {
  it('holds what was acknowledged before it began, while appends go on', async () => {
    const store = await openSqliteStore({ path, paceMs: 0 });
    let acknowledged = 0;
    let going = true;
    const append = async () => {
      while (going) {
        const samples = Array.from({ length: 50 }, (_, i) => sampleAt(noonMs + acknowledged + i, { speedKmh: 1 }));
        await store.append([{ vehicle: 'car', samples }], noonMs);
        acknowledged += 50;
      }
    };
    const load = append();
    while (acknowledged < 20_000) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = acknowledged;
    const made = await backUp(path, target, note);
    const after = acknowledged;
    going = false;
    await load;
    await store.close();
    expect(after, 'the load went on meanwhile').toBeGreaterThan(before);

    expect(made.rows.sample).toBeGreaterThanOrEqual(before);
    expect(checkBackup(target)).toEqual({ ...note, rows: made.rows });
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy']);
    dropNote(target);
    const restored = await openSqliteStore({ path: target });
    const samples = await readAll(restored, 'car');
    await restored.close();
    expect(samples).toHaveLength(made.rows.sample as number);
    // The snapshot of one instant: the first so many samples, without a gap.
    expect(samples.at(-1)?.timeMs).toBe(noonMs + samples.length - 1);
  });

  it('that is damaged, cut off, of a newer version or none at all is refused by name', async () => {
    const store = await openSqliteStore({ path, paceMs: 0 });
    const samples = Array.from({ length: 2_000 }, (_, i) => sampleAt(noonMs + i, { driver: `driver ${i}` }));
    await store.append([{ vehicle: 'car', samples }], noonMs);
    await store.rollUp('1m', 'car', noonMs, noonMs);
    await store.append([{ vehicle: 'car', samples: [sampleAt(noonMs + 5_000)] }], noonMs);
    await store.close();
    expect(await backUp(path, target, note)).toMatchObject({ rows: { sample: 2_001, receipt: 2, vehicle: 1 } });
    const bytes = readFileSync(target);
    const refused = (change: () => void) => {
      writeFileSync(target, bytes);
      change();
      expect(() => checkBackup(target)).toThrow(target);
    };
    refused(() => writeFileSync(target, bytes.subarray(0, bytes.length / 2)));
    refused(() => writeFileSync(target, 'no database at all'.repeat(100)));
    refused(() => writeFileSync(target, ''));
    refused(() =>
      writeFileSync(target, Buffer.concat([bytes.subarray(0, 8_192), Buffer.alloc(8_192, 7), bytes.subarray(16_384)])),
    );
    const edit = (sql: string) => () => {
      const db = new DatabaseSync(target);
      db.exec(sql);
      db.close();
    };
    refused(edit('DELETE FROM sample WHERE timeMs % 1000 = 0'));
    refused(edit('UPDATE receipt SET part = NULL'));
    refused(edit('PRAGMA user_version = 1000'));
    refused(edit('DROP TABLE backup'));
    expect(() => checkBackup(path)).toThrow(/no backup/);
    expect(() => checkBackup(join(folder, 'nowhere'))).toThrow(/nowhere/);
  });

  it('of before there were parts is read too', async () => {
    const store = await openSqliteStore({ path, paceMs: 0 });
    await store.append([{ vehicle: 'car', samples: [sampleAt(noonMs), sampleAt(noonMs + 1)] }], noonMs);
    await store.rollUp('1m', 'car', noonMs, noonMs);
    await store.close();
    const db = new DatabaseSync(path);
    db.exec(`ALTER TABLE receipt DROP COLUMN part; ALTER TABLE receipt DROP COLUMN joined; PRAGMA user_version = 2`);
    db.close();
    const made = await backUp(path, target, note);
    expect(made.rows).toMatchObject({ sample: 2, receipt: 1 });
    expect(checkBackup(target)).toEqual(made);
  });

  it('of a store that is damaged itself is not made, and leaves no file', async () => {
    const store = await openSqliteStore({ path, paceMs: 0 });
    const samples = Array.from({ length: 2_000 }, (_, i) => sampleAt(noonMs + i, { driver: `driver ${i}` }));
    await store.append([{ vehicle: 'car', samples }], noonMs);
    await store.close();
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, -40_960), Buffer.alloc(40_960, 7)]));
    await expect(backUp(path, target, note)).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual([]);
  });
});
