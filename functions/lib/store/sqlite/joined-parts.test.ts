import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../telemetry/sample.ts';
import { dayLengthMs, noonMs, sampleAt } from '../contract/fixtures.ts';
import { encode, openTables, type Tables } from '../testing/sqlite-tables.ts';
import type { Marks } from './write-receipts.ts';

const vehicle = 'car';
let tables: Tables;
beforeEach(() => {
  tables = openTables();
});
afterEach(() => tables.close());

/** Answers the receipt. */
function append(samples: Sample[], receivedMs = noonMs, name = vehicle): string {
  return tables.append([{ vehicle: name, samples }], receivedMs)[0] as string;
}

const mark = (ids: string[], marks: Marks) => tables.commit((writes) => writes.markReceipts({ ids, marks }));
const receipts = () => tables.reads.receipts({ vehicle, limit: 100_000 });
const stored = () => tables.page(vehicle, 0, Infinity, 1_000_000);
/** Another vehicle's, so many that it is time to join. */
function appendOthers(): void {
  for (let i = 0; i < 1_030; i++) append([sampleAt(noonMs)], noonMs, 'other');
}

const block = (speedKmh: number) => Array.from({ length: 64 }, (_, i) => sampleAt(noonMs + i * 1_000, { speedKmh }));

describe('small parts that nobody derives from', () => {
  it('are joined, so that a long outage leaves few receipts, which say what those did that they stand for', () => {
    const seconds = 10_000;
    for (let i = 0; i < seconds; i++) append([sampleAt(noonMs + i * 1_000)], noonMs + i * 1_000 + 5);
    append([sampleAt(noonMs - 5_000)], noonMs + seconds * 1_000);
    const days = Map.groupBy(receipts(), ({ fromMs }) => Math.floor(fromMs / dayLengthMs));
    expect(days.size).toBe(1);
    expect(receipts().length).toBeLessThan(1_024 + seconds / 1_000);
    expect(receipts().reduce((sum, { count }) => sum + count, 0)).toBe(seconds + 1);
    const [first] = receipts()
      .toSorted((a, b) => a.fromMs - b.fromMs)
      .slice(1);
    expect(first).toMatchObject({ fromMs: noonMs, receivedMs: noonMs + 5, pending: 2, rollup: 2, attempts: 0 });
    expect(first?.toMs).toBe(noonMs + ((first?.count ?? 0) - 1) * 1_000);
    expect(stored()).toHaveLength(seconds + 1);
  });

  it('are joined with what came before the last time, as long as they are small', () => {
    for (let round = 0; round < 3; round++) {
      append([sampleAt(noonMs + round)], noonMs + 10 - round);
      appendOthers();
    }
    append([sampleAt(noonMs + 9)]);
    expect(receipts()).toMatchObject([
      { fromMs: noonMs, toMs: noonMs + 2, count: 3, receivedMs: noonMs + 8 },
      { fromMs: noonMs + 9, count: 1 },
    ]);
  });

  it('and those that are no longer small leave few receipts of a day, of many vehicles and in batches too', () => {
    const cars = Array.from({ length: 20 }, (_, i) => `car-${i}`);
    const perAppend = 40;
    for (let second = 0; second < 24_000; second += perAppend) {
      const samples = Array.from({ length: perAppend }, (_, i) => sampleAt(noonMs + second + i));
      tables.append(
        cars.map((name) => ({ vehicle: name, samples })),
        noonMs + second,
      );
    }
    const counts = tables.reads.receipts({ vehicle: 'car-7', limit: 1_000 }).map(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count)).toBe(24_000);
    // 11 large ones, and what came since.
    expect(counts.filter((count) => count >= 2_048).length).toBeGreaterThan(8);
    expect(counts.length).toBeLessThan(120);
    expect(tables.page('car-7', 0, Infinity, 100_000)).toHaveLength(24_000);
  });

  it('keep their order: of samples under one identity the last one wins, around a big part too', () => {
    for (const speedKmh of [1, 2, 3]) append([sampleAt(noonMs, { speedKmh })]);
    append(block(4));
    for (const speedKmh of [5, 6]) append([sampleAt(noonMs + 1_000, { speedKmh })]);
    append([sampleAt(noonMs, { driver: 'x' })]);
    const before = stored();
    expect(before.slice(0, 3)).toEqual([
      sampleAt(noonMs, { speedKmh: 4, driver: 'x' }),
      sampleAt(noonMs + 1_000, { speedKmh: 6 }),
      sampleAt(noonMs + 2_000, { speedKmh: 4 }),
    ]);
    appendOthers();
    expect(receipts().map(({ count }) => count)).toEqual([1, 1, 1, 64, 3]);
    expect(stored()).toEqual(before);
    tables.commit((writes) => writes.rollUp({ tier: '1m', vehicle, fromMs: noonMs, toMs: noonMs }));
    expect(stored()).toEqual(before);
  });

  it('stay as they are when they were driven again, and so do those beside them', () => {
    const ids = [1, 2, 3, 4, 5].map((speedKmh) => append([sampleAt(noonMs, { speedKmh })]));
    tables.commit((writes) => writes.markReceipts({ ids: [ids[2] as string], marks: { attempts: 1 } }));
    appendOthers();
    expect(receipts()).toMatchObject([
      { id: ids[0], count: 1, attempts: 0 },
      { id: ids[1], count: 1, attempts: 0 },
      { id: ids[2], count: 1, attempts: 1 },
      { id: ids[3], count: 1, attempts: 0 },
      { id: ids[4], count: 1, attempts: 0 },
    ]);
    for (const speedKmh of [6, 7]) append([sampleAt(noonMs, { speedKmh })]);
    appendOthers();
    expect(receipts().map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 2]);
    expect(stored()).toEqual([sampleAt(noonMs, { speedKmh: 7 })]);
  });

  it('are rolled up, whatever those were marked with that they stand for', () => {
    const ids = [0, 1].map((i) => append([sampleAt(noonMs + i)]));
    tables.commit((writes) => writes.markReceipts({ ids: [ids[0] as string], marks: { rollup: 0 } }));
    appendOthers();
    expect(receipts()).toMatchObject([{ count: 2, rollup: 2 }]);
  });

  it('come after those that were read to be joined with them, and all are to be rolled up again', () => {
    const ids = Array.from({ length: 32 }, (_, i) => append(block(i)));
    append([sampleAt(noonMs, { speedKmh: 99 })]);
    mark([ids[0] as string], { rollup: 0 });
    appendOthers();
    expect(receipts()).toMatchObject([{ count: 32 * 64 + 1, rollup: 2 }]);
    expect(stored()).toEqual([sampleAt(noonMs, { speedKmh: 99 }), ...block(31).slice(1)]);
  });

  it('are not joined with those of another vehicle or day', () => {
    for (const name of [vehicle, 'other']) {
      for (const day of [0, 1, 0, 1]) append([sampleAt(noonMs - day * dayLengthMs)], noonMs, name);
    }
    appendOthers();
    expect(receipts().map(({ fromMs, count }) => [fromMs, count])).toEqual([
      [noonMs, 2],
      [noonMs - dayLengthMs, 2],
    ]);
  });
});

describe('a receipt that was joined with others', () => {
  it('is marked by nobody who listed it before, and nothing of what it stood for is lost', () => {
    const ids = [0, 1, 2].map((i) => append([sampleAt(noonMs + i)]));
    const version = tables.reads.version({ vehicle });
    appendOthers();
    const [joined] = receipts();
    expect(ids).not.toContain(joined?.id);

    mark(ids, { pending: 0, attempts: 1 });
    const guard = { vehicle, version, of: 'samples' } as const;
    const { rows } = encode([{ vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] }]);
    const amend = (receiptIds: string[]) =>
      tables.commit((writes) => writes.amend({ rows, receiptIds, guard, receivedMs: noonMs, alerts: undefined }));
    expect(amend(ids)).toBeNull();
    expect(receipts()).toMatchObject([{ id: joined?.id, count: 3, pending: 2, attempts: 0 }]);
    expect(amend([joined?.id as string])).toEqual([]);
    expect(receipts()).toMatchObject([{ id: joined?.id, count: 3, pending: 1 }]);
    expect(stored()).toEqual([
      sampleAt(noonMs, { speedKmh: 50, ignitionOn: true }),
      sampleAt(noonMs + 1),
      sampleAt(noonMs + 2),
    ]);
  });

  it('is not joined again before whoever had listed it has come back', () => {
    append([sampleAt(noonMs)]);
    const range = { fromMs: noonMs, toMs: noonMs + 500 };
    const { rows } = encode([{ vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] }]);
    const pass = (i: number) => {
      const version = tables.reads.version({ vehicle });
      const receiptIds = tables.reads
        .receipts({ vehicle, pending: [2], touching: range, limit: 9 })
        .map(({ id }) => id);
      // Newer samples, and those of others, while the pass is under way.
      append([sampleAt(noonMs + 1_000 + i)]);
      appendOthers();
      const guard = { vehicle, version, of: 'samples', range } as const;
      return tables.commit((writes) =>
        writes.amend({ rows, receiptIds, guard, receivedMs: noonMs, alerts: undefined }),
      );
    };
    expect([0, 1].map(pass)).toEqual([null, []]);
  });

  it('is not one that an append has just answered', () => {
    for (let i = 0; i < 3_000; i++) {
      const id = append([sampleAt(noonMs + i)], noonMs + i);
      expect(tables.reads.receipts({ vehicle, limit: 1, pending: [2], touching: touching(i) })).toMatchObject([{ id }]);
      expect(tables.reads.latestReceiptMs()).toBe(noonMs + i);
    }
  });

  it('leaves its id to no other, not after opening again either', () => {
    const ids = new Set([0, 1].map((i) => append([sampleAt(noonMs + i)])));
    appendOthers();
    for (const name of [vehicle, 'other'])
      tables.commit((writes) => writes.eraseVehicle({ vehicle: name, nowMs: null }));
    tables.reopen();
    for (let i = 0; i < 10; i++) expect(ids).not.toContain(append([sampleAt(noonMs + i)]));
  });
});

describe('rows are made of parts', () => {
  const inParts = () =>
    tables.db.prepare('SELECT count(part) AS parts, total(length(part)) AS bytes FROM receipt').get() as {
      parts: number;
      bytes: number;
    };

  it('when a receipt is marked that has one, and not for others of the vehicle', () => {
    const first = append([sampleAt(noonMs)]);
    mark([first], { pending: 1 });
    expect(inParts().parts).toBe(0);
    append([sampleAt(noonMs + 1)]);
    mark([first], { pending: 0, rollup: 1 });
    expect(inParts().parts).toBe(1);
    expect(stored()).toHaveLength(2);
  });

  it('when a vehicle has too much in them, so that a long outage leaves no more than can be made rows of at once', () => {
    tables = openTables({ maxBytes: 4_000 });
    for (let i = 0; i < 300; i++) {
      append([sampleAt(noonMs + i)]);
      expect(inParts().bytes).toBeLessThanOrEqual(4_000);
    }
    expect(inParts().parts).toBeGreaterThan(0);
    expect(stored()).toHaveLength(300);
    expect(receipts().reduce((sum, { count }) => sum + count, 0)).toBe(300);
  });
});

it('marks for receipts as they were named before version 3, or in another store, mark nothing', () => {
  append([sampleAt(noonMs)]);
  const ids = ['1.1', '1.0', '1e0', '0x1', ' 1', '', 'NaN', '-1', '1.', '9'.repeat(400), 'car/1795780800000000000'];
  mark(ids, { pending: 0, attempts: 9 });
  expect(receipts()).toMatchObject([{ id: '1', pending: 2, attempts: 0 }]);
});

it('a sample with codes is found with what came for it later', () => {
  append([sampleAt(noonMs, { codesStored: ['P0133'] })]);
  append([sampleAt(noonMs, { speedKmh: 7 }), sampleAt(noonMs, { speedKmh: 8 }, 'gps')]);
  for (const [timeMs, side] of [
    [noonMs + 1, 'before'],
    [noonMs - 1, 'after'],
  ] as const) {
    const { count, data } = tables.reads.nearestCodes({ vehicle, timeMs, side });
    expect(count).toBe(1);
    expect(data).toContain(7);
  }
});

const touching = (i: number) => ({ fromMs: noonMs + i, toMs: noonMs + i });
