import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Sample } from '../../telemetry/sample.ts';
import { tripOf } from '../contract/trips.ts';
import type { Store } from '../port.ts';
import { openSqliteStore } from '../sqlite.ts';

const timeMs = Date.UTC(2026, 0, 1);
const sample = (fields: Partial<Sample> = {}): Sample => ({ timeMs, device: 'main', speedKmh: 50, ...fields });

let store: Store;
let merged = 0;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conflicts-'));
  merged = 0;
  store = await openSqliteStore({
    path: join(folder, 'fleet.sqlite'),
    onMerged: (samples) => {
      merged += samples;
    },
  });
  return async () => {
    await store.close();
    await rm(folder, { recursive: true });
  };
});

const append = (...samples: Sample[]) => store.append([{ vehicle: 'car-1', samples }], timeMs);
/** Rows are made of parts when something is derived from them. */
async function counted(): Promise<number> {
  await store.rollUp('1m', 'car-1', timeMs, timeMs);
  const count = merged;
  merged = 0;
  return count;
}

test('samples that were there and said something else are counted; repetitions and additions are not', async () => {
  await append(sample(), sample({ timeMs: timeMs + 1 }));
  await append(sample());
  await append(sample({ engineRpm: 900, driver: 'a' }));
  await append(sample({ device: 'gps', speedKmh: 60 }));
  expect(await counted()).toBe(0);
  await append(sample({ speedKmh: 60 }), sample({ timeMs: timeMs + 1, speedKmh: 50 }));
  expect(await counted()).toBe(1);
  await append(sample({ speedKmh: 60, driver: 'b' }));
  await append(sample({ timeMs: timeMs + 2 }), sample({ timeMs: timeMs + 2, speedKmh: 1 }));
  expect(await counted()).toBe(2);
  const many = (speedKmh: number) =>
    Array.from({ length: 50 }, (_, i) => sample({ timeMs: timeMs + 10 + i, speedKmh }));
  await append(...many(1));
  expect(await counted()).toBe(0);
  await append(...many(2));
  expect(await counted()).toBe(50);

  // What enrich adds is no conflict, and what it changes is its own affair.
  const version = await store.readVersion('car-1');
  const guard = { vehicle: 'car-1', version, of: 'samples' as const };
  await store.amend({ vehicle: 'car-1', samples: [sample({ speedKmh: 61 })] }, [], guard, timeMs);
  expect(await counted()).toBe(0);

  await Promise.all(
    [1, 2, 3].map((speedKmh) =>
      store.append([{ vehicle: 'car-1', samples: [sample({ timeMs: timeMs + 1, speedKmh })] }], timeMs),
    ),
  );
  const stored: Sample[] = [];
  for await (const page of store.readSamples('car-1', timeMs + 1, timeMs + 1)) stored.push(...page);
  expect(stored).toEqual([sample({ timeMs: timeMs + 1, speedKmh: 3 })]);
  expect(await counted()).toBe(3);
});

test('they are counted once, where a bad operation of their commit group is tried alone', async () => {
  await append(sample());
  await append(sample({ speedKmh: 60 }));
  const version = await store.readVersion('car-1');
  const guard = { vehicle: 'car-1', version, of: 'samples' as const };
  const bad = { ...tripOf('car-1', 0, 1), startedAt: 'never' };
  const results = await Promise.allSettled([
    store.rollUp('1m', 'car-1', timeMs, timeMs),
    store.writeTrips([bad], [], guard),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(merged).toBe(1);
});
