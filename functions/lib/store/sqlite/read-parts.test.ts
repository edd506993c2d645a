import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collect, noonMs, readAll, sampleAt } from '../contract/fixtures.ts';
import type { Store } from '../port.ts';
import { openSqliteStore } from '../sqlite.ts';
import { layout, openTables } from '../testing/sqlite-tables.ts';
import { createSampleReads } from './read-samples.ts';
import { connection } from './statements.ts';

const vehicle = 'car';
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parts-'));
  store = await openSqliteStore({ path: join(folder, 'fleet.sqlite'), paceMs: 0 });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it('a page holds every sample once, while rows are made of parts and parts are joined', {
  timeout: 20_000,
}, async () => {
  const endAt = performance.now() + 1_500;
  const going = () => performance.now() < endAt;
  let acknowledged = 0;
  async function append(): Promise<void> {
    while (going()) {
      const count = acknowledged % 5 === 0 ? 70 : 1;
      const samples = Array.from({ length: count }, (_, i) => sampleAt(noonMs + acknowledged + i));
      await store.append([{ vehicle, samples }], noonMs);
      acknowledged += count;
    }
  }
  async function unpack(): Promise<void> {
    for (; going(); await sleep(2)) await store.rollUp('1m', vehicle, 0, 0);
  }
  async function read(): Promise<number> {
    let reads = 0;
    while (acknowledged === 0) await sleep(1);
    for (; going(); reads++) {
      const atLeast = acknowledged;
      const [latest] = await first(store.readSamplesBackward(vehicle, Number.MAX_SAFE_INTEGER, 30));
      expect(latest?.timeMs).toBeGreaterThanOrEqual(noonMs + atLeast - 1);
      const from = Math.max(0, atLeast - 40);
      const page = await first(store.readSamples(vehicle, noonMs + from, noonMs + atLeast - 1, 1_000));
      expect(page.map(({ timeMs }) => timeMs - noonMs)).toEqual(
        Array.from({ length: atLeast - from }, (_, i) => from + i),
      );
    }
    return reads;
  }
  const [reads] = await Promise.all([read(), append(), unpack()]);
  expect(reads).toBeGreaterThan(100);
  expect(await readAll(store, vehicle)).toHaveLength(acknowledged);
});

/** Samples in parts that each lie all over a day, as from devices that keep what they could not send. */
function scattered(parts: number, samplesEach: number) {
  return Array.from({ length: parts }, (_, part) =>
    Array.from({ length: samplesEach }, (_one, i) => sampleAt(noonMs + i * parts + part)),
  );
}

it('a page opens no more parts than may hold something of it', () => {
  const tables = openTables();
  for (let i = 0; i < 50; i++) {
    const samples = Array.from({ length: 100 }, (_, k) => sampleAt(noonMs + i * 100 + k));
    tables.append([{ vehicle, samples }], noonMs);
  }
  const plain = connection(tables.db);
  let opened = 0;
  const counting = (text: string) => {
    if (text.startsWith('SELECT part')) opened++;
    return plain.sql(text);
  };
  const reads = createSampleReads({ ...plain, sql: counting }, layout);
  expect(reads.after(1, { timeMs: noonMs + 999, device: 'main' }, Infinity, 250).count).toBe(250);
  expect(opened).toBeLessThanOrEqual(4);
  opened = 0;
  expect(reads.latest(1).count).toBe(20);
  expect(opened).toBe(1);
  tables.close();
});

it('pages of many parts that lie over each other are read in time that grows with what is read', () => {
  const tables = openTables();
  for (const samples of scattered(300, 100)) tables.append([{ vehicle, samples }], noonMs);
  const startedAt = performance.now();
  for (let page = 0; page < 10; page++) {
    const samples = tables.page(vehicle, noonMs + page * 3_000, noonMs + 86_400_000, 1_000);
    expect(samples.map(({ timeMs }) => timeMs - noonMs)).toEqual(Array.from(samples, (_, i) => page * 3_000 + i));
    expect(samples).toHaveLength(1_000);
  }
  // A tenth of it here.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  tables.close();
});

async function first<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  for await (const page of pages) return page;
  return [];
}

it('the same sample in many parts fills a page once', async () => {
  for (let i = 0; i < 50; i++) {
    const samples = [sampleAt(noonMs, { seq: i }), sampleAt(noonMs, { seq: i }, 'gps'), sampleAt(noonMs + i)];
    await store.append([{ vehicle, samples }], noonMs);
  }
  for (const limit of [1, 2, 3, 7, 1_000]) {
    const samples = await collect(store.readSamples(vehicle, 0, noonMs + 86_400_000, limit));
    expect(samples).toHaveLength(51);
    expect(samples[1]).toEqual(sampleAt(noonMs, { seq: 49, speedKmh: 50 }));
    expect(await collect(store.readSamplesBackward(vehicle, noonMs + 86_400_000, limit))).toEqual(samples.toReversed());
  }
});
