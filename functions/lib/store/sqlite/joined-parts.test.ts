import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardOf, noonMs, receiptsOf, sampleAt } from '../contract/fixtures.ts';
import type { Store } from '../port.ts';
import { openSqliteStore } from '../sqlite.ts';

const vehicle = 'car';
let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-widened-'));
  store = await openSqliteStore({ path: join(folder, 'fleet.sqlite'), paceMs: 0 });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const append = (timeMs: number, receivedMs: number) =>
  store.append([{ vehicle, samples: [sampleAt(timeMs)] }], receivedMs);

describe('a receipt that nobody has touched for a second', () => {
  it('is widened by what comes, so that a long outage leaves one for each vehicle and day', async () => {
    for (let second = 0; second < 100; second++) await append(noonMs + second * 1_000, second * 1_000);
    await append(noonMs - 5_000, 100_000);
    expect(await receiptsOf(store, vehicle)).toMatchObject([
      { fromMs: noonMs - 5_000, toMs: noonMs + 99_000, count: 101, receivedMs: 0, pending: 2, rollup: 2 },
    ]);
    await append(noonMs + 86_400_000, 101_000);
    expect(await receiptsOf(store, vehicle)).toHaveLength(2);
  });

  it('is not, before the second is over or once it has been enriched or rolled up', async () => {
    await append(noonMs, 0);
    await append(noonMs + 1, 999);
    expect(await receiptsOf(store, vehicle)).toHaveLength(2);
    const ids = (await receiptsOf(store, vehicle)).map(({ id }) => id);
    await store.markReceipts(ids, { pending: 1 });
    await append(noonMs + 2, 60_000);
    expect(await receiptsOf(store, vehicle)).toMatchObject([{ count: 1 }, { count: 1 }, { count: 1, pending: 2 }]);
  });

  it('is marked by nobody who listed it before: not by amending, not by marking', async () => {
    await append(noonMs, 0);
    const listed = (await receiptsOf(store, vehicle)).map(({ id }) => id);
    await append(noonMs + 1, 2_000);
    const amended = { vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] };
    expect(await store.amend(amended, listed, await guardOf(store, vehicle), 2_000)).toBeNull();
    await store.markReceipts(listed, { pending: 0 });
    expect(await receiptsOf(store, vehicle)).toMatchObject([{ count: 2, pending: 2 }]);
    const again = (await receiptsOf(store, vehicle)).map(({ id }) => id);
    expect(await store.amend(amended, again, await guardOf(store, vehicle), 2_000)).toEqual([]);
    expect(await receiptsOf(store, vehicle)).toMatchObject([{ count: 2, pending: 1 }]);
  });
});
