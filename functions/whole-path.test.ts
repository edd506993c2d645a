import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as downsample from './downsample/handler.ts';
import * as enrich from './enrich/handler.ts';
import { aggregateMinutes, aggregateSamples } from './lib/rollups/aggregate.ts';
import type { Rollup } from './lib/rollups/rollup.ts';
import { collect } from './lib/store/derive.ts';
import { changed, ping, type TestPorts, testPorts } from './lib/store/testing/test-ports.ts';
import { enrichment } from './lib/telemetry/enrichment.ts';
import { type CloudEvent, eventTypes } from './lib/telemetry/events.ts';
import type { Sample } from './lib/telemetry/sample.ts';
import { createSegmenter } from './lib/trips/segmenter.ts';
import * as tripSegment from './trip-segment/handler.ts';

/** Ten minutes before midnight, so that drives go over it. */
const baseMs = Date.UTC(2026, 0, 10, 23, 50);
const context = { state: undefined };
const crashed = new Error('crash');

/** What one moment of the car is sent as: parts that agree, merged under one identity, some as raw OBD-II answers. */
const partsOf: ((speedKmh: number, position: Partial<Sample>) => Partial<Sample>[])[] = [
  (_, position) => [position],
  (speedKmh, position) => [position, { speedKmh }],
  (speedKmh) => [
    { speedKmh, mafGps: 9 },
    { speedKmh, fuelRateLph: 3 },
  ],
  (speedKmh, position) => [{ ...position, obd: [speedKmh > 0 ? '41 0D 3C' : '41 0D 00'] }],
  (speedKmh, position) => [{ gpsSpeedKmh: speedKmh, ...position }],
  (speedKmh, position) => [position, { obd: [speedKmh > 0 ? '41 0D 3C' : '41 0D 00'] }],
  (speedKmh) => [{ speedKmh, engineRpm: speedKmh * 20 }],
  (speedKmh, position) => [{ speedKmh, ignitionOn: speedKmh > 0 }, position],
];

const momentArbitrary = fc.record({
  stepS: fc.constantFrom(1, 5, 10, 59, 61, 121, 300, 850, 895, 901),
  metres: fc.constantFrom(0, 4, 60, 400),
  form: fc.constantFrom(...partsOf),
  device: fc.constantFrom('a', 'a', 'b'),
});

const actArbitrary = fc.record({
  kind: fc.constantFrom(
    'send',
    'send',
    'send',
    'deliver',
    'deliver',
    'deliver',
    'sweep',
    'downsample-1m',
    'downsample-5m',
  ),
  instance: fc.constantFrom(0, 1),
  pick: fc.nat(999),
  /** The store call at which the function dies. */
  crashAt: fc.option(fc.nat(8), { freq: 3 }),
});

it('any schedule of parts, crashes, lost and repeated events ends in the rows of one sorted pass', async () => {
  const ports = await testPorts(baseMs);
  let cars = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(momentArbitrary, { minLength: 2, maxLength: 14 }),
      fc.array(actArbitrary, { minLength: 5, maxLength: 40 }),
      fc.infiniteStream(fc.nat(6)),
      fc.boolean(),
      async (moments, acts, delays, loseEvents) => {
        const car = `car-${++cars}`;
        const { whole, parts } = drive(moments);
        const late = parts.map((part, i) => ({ part, at: i + (delays.next().value as number) }));
        const world = createWorld(
          ports,
          car,
          late.sort((a, b) => a.at - b.at).map(({ part }) => part),
        );
        for (const act of acts) await world.act(act);
        await world.finish(loseEvents);

        expect(await ports.store.countReceipts()).toMatchObject({ pending: 0, rollup: 0 });
        const sorted = whole.map((sample) => ({ ...sample, ...enrichment(sample, 'petrol') }));
        expect(await tripsOf(ports, car)).toEqual(oracleTrips(ports, car, sorted));
        const minutes = aggregateSamples(car, sorted);
        expect(await rollupsOf(ports, '1m', car)).toEqual(minutes.map(comparable));
        expect(await rollupsOf(ports, '5m', car)).toEqual(aggregateMinutes(car, minutes).map(comparable));
        await ports.store.eraseVehicle(car, null);
      },
    ),
    { numRuns: 200 },
  );
}, 120_000);

function drive(moments: { stepS: number; metres: number; form: (typeof partsOf)[number]; device: string }[]) {
  let timeMs = baseMs;
  let metres = 0;
  const parts: Sample[] = [];
  const whole = moments.map(({ stepS, metres: moved, form, device }): Sample => {
    timeMs += stepS * 1000;
    metres += moved;
    const identity = { timeMs, device };
    const own = form(moved === 0 ? 0 : 60, { latitude: 53 + metres / 111_195, longitude: 9 });
    for (const part of own) parts.push({ ...identity, ...part });
    return Object.assign({}, identity, ...own);
  });
  return { whole, parts };
}

/** Two instances of the functions, their events in flight, and a store that can die under them. */
function createWorld(ports: TestPorts, car: string, unsent: Sample[]) {
  let callsLeft = Infinity;
  const store = new Proxy(ports.store, {
    get(target, name) {
      const method = target[name as 'ready'] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (--callsLeft < 0) throw crashed;
        return method.apply(target, args);
      };
    },
  });
  const mortal: TestPorts = { ...ports, store };
  const instances = [0, 1].map(tripSegment.init);
  const events: CloudEvent[] = [];
  let nowMs = baseMs + 20 * 60_000;
  ports.setNow(nowMs);

  async function send(): Promise<void> {
    const sample = unsent.shift();
    if (!sample) return;
    await ports.store.append([{ vehicle: car, samples: [sample] }], nowMs);
    events.push(changed(eventTypes.accepted, car, sample.timeMs, sample.timeMs));
  }

  const state = (instance: number) => ({ state: instances[instance] as tripSegment.State });

  async function deliver(event: CloudEvent, instance: number): Promise<void> {
    if (event.type === eventTypes.accepted) events.push(await enrich.handle(context, event, mortal));
    else await tripSegment.handle(state(instance), event, mortal);
  }

  async function sweep(instance: number, afterMs: number): Promise<void> {
    nowMs += afterMs;
    ports.setNow(nowMs);
    ports.published.length = 0;
    try {
      await tripSegment.handle(state(instance), ping('sweep'), mortal);
    } finally {
      events.push(...ports.published.splice(0).filter(({ type }) => type.startsWith('fleet.telemetry')));
    }
  }

  async function perform(kind: string, instance: number, pick: number): Promise<void> {
    if (kind === 'send') return send();
    if (kind === 'sweep') return sweep(instance, 60_000);
    if (kind !== 'deliver') return void (await downsample.handle(context, ping(kind), mortal));
    const event = events[pick % Math.max(1, events.length)];
    if (!event) return;
    // One in five comes again.
    if (pick % 5 > 0) events.splice(events.indexOf(event), 1);
    return deliver(event, instance);
  }

  return {
    async act({
      kind,
      instance,
      pick,
      crashAt,
    }: {
      kind: string;
      instance: number;
      pick: number;
      crashAt: number | null;
    }) {
      callsLeft = crashAt ?? Infinity;
      await perform(kind, instance, pick).catch((error) => {
        if (error !== crashed) throw error;
        instances[instance] = tripSegment.init();
      });
      callsLeft = Infinity;
    },
    /** What is left is sent, events are perhaps lost, and some sweeps and ticks go by. */
    async finish(loseEvents: boolean) {
      while (unsent.length > 0) await send();
      if (loseEvents) events.length = 0;
      for (let round = 0; round < 4; round++) {
        await sweep(0, 3_600_000);
        for (let event = events.shift(); event; event = events.shift()) await deliver(event, 0);
        for (const job of ['downsample-1m', 'downsample-5m']) await downsample.handle(context, ping(job), mortal);
      }
    },
  };
}

async function tripsOf({ store }: TestPorts, vehicle: string) {
  const rows = await store.listTrips({ vehicle, limit: 99 });
  return rows.map(({ revision: _, dueMs: __, ...trip }) => trip).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

function oracleTrips({ rulesFor }: TestPorts, vehicle: string, sorted: readonly Sample[]) {
  const segmenter = createSegmenter(vehicle, rulesFor(vehicle));
  for (const sample of sorted) segmenter.add(sample);
  segmenter.advance(Number.MAX_SAFE_INTEGER);
  return JSON.parse(JSON.stringify(segmenter.trips().map(({ trip }) => trip)));
}

async function rollupsOf({ store }: TestPorts, tier: '1m' | '5m', vehicle: string) {
  return (await collect(store.readRollups(tier, vehicle, 0, Number.MAX_SAFE_INTEGER))).map(comparable);
}

/** Sums may differ in their last bits. */
function comparable({ startedAt, count, fields }: Rollup) {
  const rounded = Object.entries(fields).map(([name, { count, min, max, last, sum }]) => {
    return [name, [count, min, max, last, sum === null ? null : sum.toFixed(6)]];
  });
  return { startedAt, count, fields: Object.fromEntries(rounded) };
}
