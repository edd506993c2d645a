import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sample, SampleFields } from '../../telemetry/sample.ts';
import { anyFields, dayLengthMs, minuteMs, noonMs } from '../contract/fixtures.ts';
import { decodeRows } from '../row-decoder.ts';
import { encode, layout, openTables, type Tables } from '../testing/sqlite-tables.ts';
import { decodeParts } from './parts.ts';

/** So small that joining, overflowing and crowding happen all the time. */
const limits = {
  joinEvery: { parts: 4, perVehicle: 1 },
  smallBelow: { samples: 3, bytes: 600 },
  maxSmallBytes: 2_000,
  largeFrom: 12,
  maxMiddle: 3,
  maxReadBytes: 2_000,
  maxBytes: 6_000,
  maxDays: 5,
};
const vehicles = ['a', 'b', 'c'] as const;
const receivedMs = noonMs + dayLengthMs;

const anyVehicle = fc.constantFrom(...vehicles);
/** Two days, few instants: identities come again and again. */
const anyTimeMs = fc
  .tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 30 }))
  .map(([days, place]) => noonMs - days * dayLengthMs + place * 7_000);
const anyDevice = fc.constantFrom('main', 'gps');
/** Mostly the same field, so that values stand against each other. */
const someFields: fc.Arbitrary<SampleFields> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ speedKmh: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ driver: fc.constantFrom('x', 'y') }) },
  { weight: 1, arbitrary: anyFields },
);
const anySample = fc
  .tuple(anyTimeMs, anyDevice, someFields)
  .map(([timeMs, device, fields]): Sample => ({ timeMs, device, ...fields }));
const anyGroup = fc.record({
  vehicle: anyVehicle,
  samples: fc.oneof(
    { weight: 6, arbitrary: fc.array(anySample, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(anySample, { minLength: 8, maxLength: 200 }) },
  ),
});
/** Numbers that pick out of receipts as they are then. */
const anyPicks = fc.array(fc.nat(), { maxLength: 4 });
const anyAction = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('append'), groups: fc.array(anyGroup, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('amend'), group: anyGroup, picks: anyPicks }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mark'),
      picks: anyPicks,
      marks: fc.constantFrom({ attempts: 1 }, { attempts: 2 }, { pending: 1 }, { pending: 0 }, { rollup: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollUp'), vehicle: anyVehicle }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase'), vehicle: anyVehicle }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollBack'), group: anyGroup }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen') }) },
);
type Action = typeof anyAction extends fc.Arbitrary<infer A> ? A : never;
const anyRange = fc.record({
  vehicle: anyVehicle,
  timeMs: anyTimeMs,
  device: fc.constantFrom('', 'gps', 'main', 'z'),
  lengthMs: fc.integer({ min: 0, max: 2 * dayLengthMs }),
  limit: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 25 })),
});
type Range = typeof anyRange extends fc.Arbitrary<infer R> ? R : never;

it('the tables say what a plain map does, whether or not rows were made of parts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyAction, fc.array(anyRange, { minLength: 1, maxLength: 3 })), { maxLength: 40 }),
      (steps) => {
        const tables = openTables(limits);
        const model = new Model();
        for (const [action, ranges] of steps) {
          step(tables, model, action);
          checkReceipts(tables, model);
          for (const range of ranges) checkPages(tables, model, range);
          for (const vehicle of vehicles)
            expect(tables.page(vehicle, 0, Infinity, 1_000)).toEqual(model.samplesOf(vehicle));
        }
        for (const vehicle of vehicles) step(tables, model, { do: 'rollUp', vehicle });
        expect(model.counted).toBe(model.conflicts);
        tables.close();
      },
    ),
    { numRuns: 200 },
  );
});

class Model {
  readonly samples = new Map<string, Map<string, Sample>>();
  /** Appended and not enriched, by vehicle. */
  readonly pending = new Map<string, number>();
  conflicts = 0;
  counted = 0;
  /** Of every receipt that there has been. */
  readonly ids = new Set<string>();
  lastId = 0;

  /** Answers how many said something else than what was there. */
  write(vehicle: string, samples: readonly Sample[]): number {
    const all = this.samples.get(vehicle) ?? new Map<string, Sample>();
    this.samples.set(vehicle, all);
    let conflicts = 0;
    for (const sample of samples) {
      const key = `${sample.timeMs} ${sample.device}`;
      const before = all.get(key);
      if (before && Object.entries(sample).some(([name, value]) => differs(before[name as keyof Sample], value)))
        conflicts++;
      all.set(key, { ...before, ...sample });
    }
    return conflicts;
  }

  samplesOf(vehicle: string): Sample[] {
    const all = [...(this.samples.get(vehicle)?.values() ?? [])];
    return all.sort((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1));
  }
}

const differs = (before: unknown, now: unknown) =>
  before !== undefined && JSON.stringify(before) !== JSON.stringify(now);

function step(tables: Tables, model: Model, action: Action): void {
  const receipts = tables.reads.receipts({ limit: 100_000 });
  // Some that are there, and some that never were or are no longer.
  const pick = (picks: readonly number[]) =>
    picks.map((n) => receipts[n % (receipts.length + 2)]?.id ?? String(n % (model.lastId + 1)));
  const marked = (ids: readonly string[]) => {
    for (const { id, vehicle, count, pending } of receipts) {
      if (!ids.includes(id) || pending !== 2) continue;
      model.pending.set(vehicle, (model.pending.get(vehicle) ?? 0) - count);
    }
  };
  switch (action.do) {
    case 'append': {
      tables.append(action.groups, receivedMs);
      for (const { vehicle, samples } of action.groups) {
        model.conflicts += model.write(vehicle, samples);
        model.pending.set(vehicle, (model.pending.get(vehicle) ?? 0) + samples.length);
      }
      break;
    }
    case 'amend': {
      const { vehicle, samples } = action.group;
      const guard = { vehicle, version: tables.reads.version({ vehicle }), of: 'samples' } as const;
      const { rows } = encode([action.group]);
      const receiptIds = pick(action.picks);
      const done = tables.commit((writes) => writes.amend({ rows, receiptIds, guard, receivedMs, alerts: undefined }));
      const areThere = receiptIds.every((id) => receipts.some((receipt) => receipt.id === id));
      expect(done).toEqual(areThere ? [] : null);
      if (!areThere) break;
      model.write(vehicle, samples);
      marked(receiptIds);
      break;
    }
    case 'mark': {
      const ids = pick(action.picks);
      tables.commit((writes) => writes.markReceipts({ ids, marks: action.marks }));
      if ('pending' in action.marks) marked(ids);
      break;
    }
    case 'rollUp': {
      const { vehicle } = action;
      tables.commit((writes) => writes.rollUp({ tier: '1m', vehicle, fromMs: 0, toMs: noonMs + dayLengthMs }));
      const after = { startMs: 0, vehicle: '' };
      const rows = tables.reads.rollupPage({ tier: '1m', vehicle, after, toMs: noonMs + dayLengthMs, limit: 1_000 });
      const windows = Map.groupBy(model.samplesOf(vehicle), ({ timeMs }) => Math.floor(timeMs / minuteMs) * minuteMs);
      expect(rows.map(({ startedAt, count }) => [Date.parse(startedAt), count])).toEqual(
        [...windows].map(([startMs, samples]) => [startMs, samples.length]),
      );
      break;
    }
    case 'erase': {
      tables.commit((writes) => writes.eraseVehicle({ vehicle: action.vehicle, nowMs: null }));
      model.samples.delete(action.vehicle);
      model.pending.delete(action.vehicle);
      break;
    }
    case 'rollBack': {
      const rolledBack = () =>
        tables.commit((writes) => {
          writes.append({ ...encode([action.group]), receivedMs });
          writes.rollUp({ tier: '1m', vehicle: action.group.vehicle, fromMs: 0, toMs: 1 });
          throw new Error('the disk is full');
        });
      expect(rolledBack).toThrow('the disk is full');
      break;
    }
    default:
      tables.reopen();
  }
  model.counted += tables.commit((writes) => writes.takeMerged());
}

/** No receipt has an id that another had; what is pending stands for what was not marked; a part is what its receipt says. */
function checkReceipts({ db, reads }: Tables, model: Model): void {
  const receipts = reads.receipts({ limit: 100_000 });
  for (const { id } of receipts) {
    if (!model.ids.has(id)) expect(Number(id)).toBeGreaterThan(model.lastId);
    model.ids.add(id);
  }
  for (const id of model.ids) model.lastId = Math.max(model.lastId, Number(id));
  for (const vehicle of vehicles) {
    const its = receipts.filter((receipt) => receipt.vehicle === vehicle && receipt.pending === 2);
    expect(its.reduce((sum, { count }) => sum + count, 0)).toBe(model.pending.get(vehicle) ?? 0);
  }
  for (const { part, ...receipt } of db.prepare('SELECT * FROM receipt WHERE part IS NOT NULL').all()) {
    const times = decodeRows(decodeParts([part as Uint8Array], layout)).map(({ timeMs }) => timeMs);
    const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
    expect(receipt).toMatchObject({ count: times.length, fromMs, toMs, receivedMs });
    const dayMs = Math.floor(fromMs / dayLengthMs) * dayLengthMs;
    expect([receipt.dayMs, Math.floor(toMs / dayLengthMs) * dayLengthMs]).toEqual([dayMs, dayMs]);
  }
}

function checkPages({ reads }: Tables, model: Model, { vehicle, timeMs, device, lengthMs, limit }: Range): void {
  const all = model.samplesOf(vehicle);
  const isAfter = (one: Sample) => one.timeMs > timeMs || (one.timeMs === timeMs && one.device > device);
  const isBefore = (one: Sample) => one.timeMs < timeMs || (one.timeMs === timeMs && one.device < device);
  const place = { timeMs, device };
  const toMs = timeMs + lengthMs;
  expect(decodeRows(reads.samplePage({ vehicle, from: place, toMs, limit }))).toEqual(
    all.filter((one) => isAfter(one) && one.timeMs <= toMs).slice(0, limit),
  );
  expect(decodeRows(reads.samplePageBackward({ vehicle, before: place, limit }))).toEqual(
    all.filter(isBefore).toReversed().slice(0, limit),
  );
  const coded = all.filter((one) => one.codesStored);
  expect(decodeRows(reads.nearestCodes({ vehicle, timeMs, side: 'before' }))).toEqual(
    coded.filter((one) => one.timeMs < timeMs).slice(-1),
  );
  expect(decodeRows(reads.nearestCodes({ vehicle, timeMs, side: 'after' }))).toEqual(
    coded.filter((one) => one.timeMs > timeMs).slice(0, 1),
  );
}
