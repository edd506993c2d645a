import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardOf, noonMs, readAll, receiptsOf, sampleAt } from '../contract/fixtures.ts';
import { tripOf } from '../contract/trips.ts';
import { type Store, StoreUnavailable } from '../port.ts';
import { openSqliteStore } from '../sqlite.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  path = join(folder, 'fleet.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const appendTo = (store: Store, timeMs: number) =>
  store.append([{ vehicle: 'car', samples: [sampleAt(timeMs)] }], noonMs);

describe('the SQLite store is unavailable', () => {
  it('on a path that cannot be opened', async () => {
    await expect(openSqliteStore({ path: join(folder, 'nowhere', 'fleet.db') })).rejects.toThrow(StoreUnavailable);
  });

  it('on a file that is no database', async () => {
    writeFileSync(path, 'not a database, but long enough to be read as the header of one'.repeat(10));
    await expect(openSqliteStore({ path })).rejects.toThrow(StoreUnavailable);
  });

  it('on a file of a newer version', async () => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 1000');
    db.close();
    await expect(openSqliteStore({ path })).rejects.toThrow(/version 1000/);
  });

  it('once it is closed, with an answer to everything that was under way', async () => {
    const store = await openSqliteStore({ path });
    const before = [appendTo(store, noonMs), store.listVehicles(10), store.ready()];
    const closing = store.close();
    const settled = await Promise.allSettled([
      ...before,
      appendTo(store, noonMs + 1),
      store.readTrip('x'),
      store.ready(),
    ]);
    await closing;
    expect(settled.map(({ status }) => status).filter((_, i) => i !== 1)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    for (const result of settled)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailable);
    await expect(readAll(store, 'car')).rejects.toThrow(StoreUnavailable);
    await store.close();
    const again = await openSqliteStore({ path });
    expect(await readAll(again, 'car')).toHaveLength(1);
    await again.close();
  });

  it('to more than its queues hold, and available again afterwards', async () => {
    const store = await openSqliteStore({ path });
    const samples = Array.from({ length: 10_000 }, (_, i) => sampleAt(noonMs + i));
    const appends = await Promise.allSettled(
      Array.from({ length: 6 }, () => store.append([{ vehicle: 'car', samples }], 0)),
    );
    expect(appends.map(({ status }) => status)).toEqual([...new Array(5).fill('fulfilled'), 'rejected']);
    expect(appends[5]).toMatchObject({ reason: expect.any(StoreUnavailable) });

    const long = sampleAt(noonMs, { obd: new Array(64).fill('4'.repeat(1_024)) });
    const heavy = Array.from({ length: 600 }, () => store.append([{ vehicle: 'car', samples: [long] }], 0));
    expect((await Promise.allSettled(heavy)).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(50);

    const writes = await Promise.allSettled(
      Array.from({ length: 10_001 }, () => store.markReceipts(['1'], { attempts: 1 })),
    );
    expect(writes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const reads = await Promise.allSettled(Array.from({ length: 1_001 }, () => store.readTrip('x')));
    expect(reads.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await store.ready();
    expect(await readAll(store, 'car')).toHaveLength(10_000);
    await store.close();
  });
});

describe('a commit group of the SQLite store', () => {
  it('loses its bad operation alone', async () => {
    const store = await openSqliteStore({ path });
    const guard = await guardOf(store, 'car');
    const bad = { ...tripOf('car', 0, 1), startedAt: 'never' };
    const results = await Promise.allSettled([
      appendTo(store, noonMs),
      store.writeTrips([bad], [], guard),
      store.putDeadLetter(
        { event: { specversion: '1.0', id: 'a', source: '/', type: 't' }, destination: '/', code: 1, reason: '' },
        noonMs,
      ),
      appendTo(store, noonMs + 1),
    ]);
    // The guard stands on no samples, and the append of the same group came first.
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.status))).toMatchObject([
      { receipt: expect.any(String) },
      null,
      true,
      { receipt: expect.any(String) },
    ]);
    const holding = await guardOf(store, 'car');
    const ids = (await receiptsOf(store, 'car')).map(({ id }) => id);
    const [written, kept] = await Promise.allSettled([
      store.writeTrips([bad], [], holding),
      store.markReceipts(ids, { attempts: 7 }),
    ]);
    expect(written).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    expect(kept.status).toBe('fulfilled');
    expect(await receiptsOf(store, 'car')).toMatchObject([{ attempts: 7, count: 2 }]);
    expect(await store.countDeadLetters()).toBe(1);
    await store.close();
  });

  it('needs a sample in each append', async () => {
    const store = await openSqliteStore({ path });
    await expect(store.append([{ vehicle: 'car', samples: [] }], 0)).rejects.toThrow(RangeError);
    await store.close();
  });
});

describe.skipIf(!canMount())('on a file system of its own (needs the right to mount one)', () => {
  let disk: string;
  const mount = (...options: string[]) => expect(spawnSync('mount', [...options, disk]).status).toBe(0);
  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs');
    path = join(disk, 'fleet.db');
  });
  afterEach(() => spawnSync('umount', ['--lazy', disk]));

  it('a full disk refuses writes, answers reads, and loses nothing that was acknowledged', async () => {
    const ballast = join(disk, 'ballast');
    const store = await openSqliteStore({ path, paceMs: 0 });
    await appendTo(store, noonMs);
    expect(() => writeFileSync(ballast, new Uint8Array(8 * 1024 * 1024))).toThrow(/ENOSPC/);
    let acknowledged = 1;
    const untilRefused = async (write: () => Promise<unknown>) => {
      for (let i = 0; i < 2_000; i++) await write();
    };
    await expect(
      untilRefused(async () => {
        await appendTo(store, noonMs + acknowledged);
        acknowledged++;
      }),
    ).rejects.toThrow(StoreUnavailable);
    // What is left of the log holds a few single pages yet.
    await expect(untilRefused(() => store.ready())).rejects.toThrow(StoreUnavailable);
    expect(await readAll(store, 'car')).toHaveLength(acknowledged);
    rmSync(ballast);
    await store.ready();
    await appendTo(store, noonMs + acknowledged);
    expect(await readAll(store, 'car')).toHaveLength(acknowledged + 1);
    await store.close();
  });

  it('a read-only one is not ready', async () => {
    await (await openSqliteStore({ path })).close();
    mount('-o', 'remount,ro');
    const ready = async () => {
      const store = await openSqliteStore({ path });
      await store.ready().finally(() => store.close());
    };
    await expect(ready()).rejects.toThrow(StoreUnavailable);
  });
});

function canMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), 'mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  if (status === 0) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true });
  return status === 0;
}
