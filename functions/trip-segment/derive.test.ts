import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ports } from '../lib/ports.ts';
import { createMemoryStore } from '../lib/store/testing/memory-store.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { rulesFrom } from '../lib/trips/rules.ts';
import { createSegmenter } from '../lib/trips/segmenter.ts';
import { baseMs, driveArbitrary } from '../lib/trips/testing/drives.ts';
import type { DerivedTrip } from '../lib/trips/trip.ts';
import { deriveTrips, type Warm } from './derive.ts';

const rulesFor = rulesFrom({ fleet: {}, vehicles: {} });
const farMs = baseMs + 400 * 86_400_000;

class Crash extends Error {}

/** What a sorted pass over all samples says. */
function oracle(samples: readonly Sample[]): DerivedTrip[] {
  const segmenter = createSegmenter('car', rulesFor('car'));
  for (const sample of [...samples].sort((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1)))
    segmenter.add(sample);
  segmenter.advance(farMs);
  return segmenter.trips().map(({ trip }) => JSON.parse(JSON.stringify(trip)));
}

/** One delivery: these samples arrive, and later an instance is told of them; its clock is off, and it may crash. */
const delivery = (size: number) =>
  fc.record({
    picks: fc.array(fc.nat(size - 1), { minLength: 1, maxLength: 12 }),
    told: fc.boolean(),
    instance: fc.constantFrom(0, 1),
    clockOffMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    /** The store call at which the instance dies, if it gets that far. */
    crashAt: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 }),
  });

const scheduleArbitrary = driveArbitrary
  .filter((samples) => samples.length > 0)
  .chain((samples) =>
    fc.tuple(fc.constant(samples), fc.array(delivery(samples.length), { minLength: 1, maxLength: 20 })),
  );

function setUp() {
  const store = createMemoryStore();
  let nowMs = baseMs;
  const instances = [0, 1].map(() => ({ warm: new Map() as Warm }));
  let callsLeft = Infinity;
  const crashing = new Proxy(store, {
    get(target, name) {
      const method = target[name as keyof typeof target];
      return (...args: unknown[]) => {
        if (--callsLeft < 0) throw new Crash();
        return (method as (...args: unknown[]) => unknown)(...args);
      };
    },
  });
  const ports = {
    store: crashing,
    clock: { now: () => nowMs, after: () => () => {} },
    metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
    rulesFor,
    publish: async () => true,
  } as unknown as Ports;
  return {
    store,
    ports,
    instances,
    setNow: (ms: number) => {
      nowMs = ms;
    },
    limitCalls: (calls: number) => {
      callsLeft = calls;
    },
  };
}

/** Everything that is pending or due, with a clock beyond all: what the sweep does until nothing is left. */
async function settle({ store, ports, setNow, limitCalls }: ReturnType<typeof setUp>): Promise<void> {
  limitCalls(Infinity);
  setNow(farMs);
  for (const { vehicle, fromMs, toMs } of store.receipts().filter(({ pending }) => pending > 0)) {
    await deriveTrips({ vehicle, fromMs, toMs }, ports, new Map());
  }
  for (const { vehicle, startedAt, endedAt } of await store.listDueTrips(farMs, 1_000)) {
    await deriveTrips({ vehicle, fromMs: Date.parse(startedAt), toMs: Date.parse(endedAt) }, ports, new Map());
  }
}

function rowsOf(store: ReturnType<typeof createMemoryStore>): DerivedTrip[] {
  return store
    .trips()
    .filter(({ status }) => status !== 'retracted')
    .map(({ revision: _, dueMs: __, ...trip }) => trip)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

describe('deriving trips', () => {
  it('ends in the trips of one sorted pass, whatever came late, twice, swapped, crashed or with a wrong clock', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleArbitrary, async ([samples, deliveries]) => {
        const world = setUp();
        const arrived = new Map<number, Sample>();
        for (const { picks, told, instance, clockOffMs, crashAt } of deliveries) {
          const batch = picks.map((i) => samples[i] as Sample);
          for (const i of picks) arrived.set(i, samples[i] as Sample);
          const range = {
            fromMs: Math.min(...batch.map((s) => s.timeMs)),
            toMs: Math.max(...batch.map((s) => s.timeMs)),
          };
          world.setNow(range.toMs + clockOffMs);
          await world.store.append([{ vehicle: 'car', samples: batch }], range.toMs);
          if (!told) continue;
          world.limitCalls(crashAt ?? Infinity);
          const warm = world.instances[instance]?.warm as Warm;
          await deriveTrips({ vehicle: 'car', ...range }, world.ports, warm).catch((error) => {
            if (!(error instanceof Crash)) throw error;
            warm.clear();
          });
        }
        await settle(world);
        expect(rowsOf(world.store)).toEqual(oracle([...arrived.values()]));
        expect(world.store.receipts().filter(({ pending }) => pending > 0)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('holds when two instances derive the same vehicle at once, in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleArbitrary, fc.scheduler(), async ([samples, deliveries], scheduler) => {
        const world = setUp();
        const arrived = new Set<Sample>();
        const stepped = new Proxy(world.store, {
          get(target, name) {
            const method = target[name as keyof typeof target] as (...args: unknown[]) => unknown;
            if (name === 'readSamples') return method;
            return async (...args: unknown[]) => {
              await scheduler.schedule(Promise.resolve());
              return method(...args);
            };
          },
        });
        const ports = { ...world.ports, store: stepped } as unknown as Ports;
        const work = deliveries.map(async ({ picks, instance }) => {
          const batch = picks.map((i) => samples[i] as Sample);
          for (const sample of batch) arrived.add(sample);
          const range = {
            fromMs: Math.min(...batch.map((s) => s.timeMs)),
            toMs: Math.max(...batch.map((s) => s.timeMs)),
          };
          await stepped.append([{ vehicle: 'car', samples: batch }], range.toMs);
          // An event that keeps colliding is tried again by its delivery, or driven again by the sweep.
          await deriveTrips({ vehicle: 'car', ...range }, ports, world.instances[instance]?.warm as Warm).catch(
            () => {},
          );
        });
        await scheduler.waitFor(Promise.all(work));
        await settle(world);
        expect(rowsOf(world.store)).toEqual(oracle([...arrived]));
      }),
      { numRuns: 500 },
    );
  });

  it('goes on from memory with the same result as from raw, and reads only what is new', async () => {
    await fc.assert(
      fc.asyncProperty(driveArbitrary, async (samples) => {
        const world = setUp();
        const warm: Warm = new Map();
        for (const sample of samples) {
          world.setNow(sample.timeMs);
          await world.store.append([{ vehicle: 'car', samples: [sample] }], sample.timeMs);
          await deriveTrips({ vehicle: 'car', fromMs: sample.timeMs, toMs: sample.timeMs }, world.ports, warm);
        }
        await settle(world);
        expect(rowsOf(world.store)).toEqual(oracle(samples));
      }),
      { numRuns: 500 },
    );
  });

  it('does not go on from memory when another instance has been there with an older sample', async () => {
    const turn = fc.record({
      instance: fc.constantFrom(0, 1),
      lateBy: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 3 }),
    });
    const turns = fc.infiniteStream(turn);
    await fc.assert(
      fc.asyncProperty(driveArbitrary, turns, async (samples, stream) => {
        const world = setUp();
        // In order, but for some that come a few samples late; each is told to one of two instances, in turn.
        const planned = samples.map((sample, i) => {
          const { instance, lateBy } = stream.next().value as { instance: number; lateBy: number | null };
          return { sample, instance, at: i + (lateBy === null ? 0 : lateBy + 0.5) };
        });
        for (const { sample, instance } of planned.sort((a, b) => a.at - b.at)) {
          world.setNow(sample.timeMs);
          await world.store.append([{ vehicle: 'car', samples: [sample] }], sample.timeMs);
          const warm = world.instances[instance]?.warm as Warm;
          await deriveTrips({ vehicle: 'car', fromMs: sample.timeMs, toMs: sample.timeMs }, world.ports, warm);
        }
        await settle(world);
        expect(rowsOf(world.store)).toEqual(oracle(samples));
      }),
      { numRuns: 1_000 },
    );
  });
});
