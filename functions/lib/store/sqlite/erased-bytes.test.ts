import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../sqlite.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erased-'));
});
afterEach(() => rm(folder, { recursive: true }));

const dayMs = 86_400_000;
const nowMs = Math.floor(Date.now() / dayMs) * dayMs;
const cars = Array.from({ length: 12 }, (_, i) => `car-${i}`);

/** What the files of the store hold of each car's marks, whatever page or log they stand in. */
async function marksIn(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const name of await readdir(folder)) {
    const text = (await readFile(join(folder, name))).toString('latin1');
    for (const [, car = ''] of text.matchAll(/mark-of-(car-\d+)!/g)) found.set(car, (found.get(car) ?? 0) + 1);
  }
  return found;
}

it('nothing of an erased vehicle stands in any file of the store, nor of what had expired before', async () => {
  const store = await openSqliteStore({ path: join(folder, 'fleet.sqlite'), paceMs: 0 });
  // Interleaved and late, so that pages are split and cells moved, between vehicles too.
  for (let round = 0; round < 150; round++) {
    const groups = cars.map((vehicle, i) => ({
      vehicle,
      samples: Array.from({ length: 6 }, (_, k) => ({
        timeMs: nowMs - 9 * dayMs + ((round * 48_611_977 + i * 104_729 + k * 179_424_673) % (9 * dayMs)),
        device: k % 2 ? 'phone' : 'main',
        driver: `mark-of-${vehicle}! ${'x'.repeat((round * 31 + k * 17) % 90)}`,
      })),
    }));
    await store.append(groups, nowMs - 9 * dayMs);
  }
  const event = { specversion: '1.0', id: '1', source: '/x', type: 't', subject: 'car-3' } as const;
  await store.putDeadLetter(
    { event: { ...event, data: 'mark-of-car-3!' }, destination: '/e', code: 422, reason: '' },
    1,
  );
  await expireAll(store);
  const before = await marksIn();
  expect(before.get('car-3')).toBeGreaterThan(100);
  expect((await store.eraseVehicle('car-3', nowMs)).samples).toBeGreaterThan(100);

  const after = await marksIn();
  expect(after.get('car-3')).toBeUndefined();
  for (const car of cars.filter((one) => one !== 'car-3')) expect(after.get(car)).toBeGreaterThan(100);
  await store.close();
  expect((await marksIn()).get('car-3')).toBeUndefined();
});

it.each([
  ['in parts', 20, 300],
  ['in small parts of which many were joined', 1, 1_300],
])('nothing of an erased vehicle stands there whose samples are still %s', async (_, count, requests) => {
  const store = await openSqliteStore({ path: join(folder, 'fleet.sqlite'), paceMs: 0 });
  for (let i = 0; i < requests; i++) {
    const vehicle = cars[i % 4] as string;
    const samples = Array.from({ length: 1 + (i % count) * 4 }, (_one, k) => ({
      timeMs: nowMs + i * 1_000 + k,
      device: 'main',
      driver: `mark-of-${vehicle}! ${'x'.repeat((i * 31 + k * 17) % 90)}`,
    }));
    await store.append([{ vehicle, samples }], nowMs);
  }
  const before = await marksIn();
  expect(before.get('car-3')).toBeGreaterThan(300);
  expect((await store.eraseVehicle('car-3', nowMs)).samples).toBeGreaterThan(300);

  const after = await marksIn();
  expect(after.get('car-3')).toBeUndefined();
  for (const car of ['car-0', 'car-1', 'car-2']) expect(after.get(car)).toBeGreaterThan(300);
  await store.close();
  expect((await marksIn()).get('car-3')).toBeUndefined();
});

/** Rolls up and seals everything, so that what is older than two days goes. */
async function expireAll(store: Awaited<ReturnType<typeof openSqliteStore>>): Promise<void> {
  const receipts = await store.listReceipts({ limit: 100_000 });
  await store.markReceipts(
    receipts.map(({ id }) => id),
    { pending: 0, rollup: 0 },
  );
  for (const kind of ['trips', 'rollups'] as const) {
    for (const day of await store.listUnsealed(kind, Number.MAX_SAFE_INTEGER, 10_000)) await store.seal(kind, day, 0);
  }
  const { samples } = await store.expire({ rawFloorMs: nowMs - 2 * dayMs, oneMinuteFloorMs: 0 });
  expect(samples).toBeGreaterThan(1_000);
}
