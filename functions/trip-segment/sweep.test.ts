import { describe, expect, it } from 'vitest';
import { changed, ping, type TestPorts, testPorts } from '../lib/store/testing/test-ports.ts';
import { eventTypes } from '../lib/telemetry/events.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { handle, init } from './handler.ts';

const nowMs = Date.UTC(2026, 0, 10, 12);
const day = 86_400_000;
const sample = (seconds: number, speedKmh: number): Sample => ({
  timeMs: nowMs + seconds * 1000,
  device: 'main',
  speedKmh,
});

async function setUp() {
  const ports = await testPorts(nowMs);
  const context = { state: init() };
  const erased = { ...changed(eventTypes.erased, 'car-1', 0, 0), data: { vehicle: 'car-1', untilMs: nowMs + 60_000 } };
  const trips = () => ports.store.listTrips({ withRetracted: true, limit: 99 });
  return {
    ports,
    context,
    trips,
    remembers: () => context.state.warm.has('car-1'),
    erased: () => handle(context, erased, ports),
    sweep: () => handle(context, ping('sweep'), ports),
    enriched: (fromS: number, toS: number) =>
      handle(context, changed(eventTypes.enriched, 'car-1', nowMs + fromS * 1000, nowMs + toS * 1000), ports),
  };
}

/** Appends samples whose receipts wait at a stage. */
async function append(ports: TestPorts, stage: 1 | 2, ...samples: Sample[]): Promise<void> {
  await ports.store.append([{ vehicle: 'car-1', samples }], ports.clock.now());
  const receipts = await ports.store.listReceipts({ pending: [2], limit: 99 });
  if (stage === 1)
    await ports.store.markReceipts(
      receipts.map(({ id }) => id),
      { pending: 1 },
    );
}

describe('trip-segment', () => {
  it('writes trips, marks receipts and tells what changed', async () => {
    const { ports, trips, enriched } = await setUp();
    await append(ports, 1, sample(0, 50), sample(60, 50));
    ports.setNow(nowMs + 60_000);
    await enriched(0, 60);
    expect(await trips()).toMatchObject([{ status: 'driving', revision: 1, sampleCount: 2 }]);
    expect(await ports.store.countReceipts()).toMatchObject({ pending: 0 });
    expect(ports.published.map(({ type }) => type)).toEqual([eventTypes.tripStarted]);
  });

  it('ends a silent trip by the sweep, and takes the end back when late samples come', async () => {
    const { ports, trips, sweep, enriched } = await setUp();
    await append(ports, 1, sample(0, 50), sample(10, 0));
    ports.setNow(nowMs + 10_000);
    await enriched(0, 10);
    ports.setNow(nowMs + 200_000);
    await sweep();
    expect(await trips()).toMatchObject([{ status: 'paused', revision: 1 }]);
    ports.setNow(nowMs + 400_000);
    await sweep();
    expect(await trips()).toMatchObject([{ status: 'ended', endedBy: 'stop', durationS: 10, revision: 1 }]);
    await append(ports, 1, sample(200, 50), sample(210, 0));
    await enriched(200, 210);
    expect(await trips()).toMatchObject([{ status: 'paused', revision: 2, durationS: 210 }]);
    expect(ports.published.map(({ type }) => type.slice('fleet.trip.'.length))).toEqual([
      'started',
      'paused',
      'ended',
      'revised',
    ]);
    expect(new Set(ports.published.map(({ id }) => id)).size).toBe(4);
  });

  it('retracts a trip whose start moved, and keeps its row', async () => {
    const { ports, trips, enriched } = await setUp();
    await append(ports, 1, sample(10, 50), sample(20, 50));
    await enriched(10, 20);
    await append(ports, 1, sample(0, 50));
    await enriched(0, 0);
    expect((await trips()).map(({ status, startedAt }) => [status, Date.parse(startedAt) - nowMs])).toEqual([
      ['retracted', 10_000],
      ['driving', 0],
    ]);
    expect(ports.published.map(({ type }) => type)).toContain(eventTypes.tripRetracted);
  });

  it.each(['erased', 'sweep'] as const)('remembers nothing of an erased vehicle after the event (%s)', async (how) => {
    const world = await setUp();
    await append(world.ports, 1, sample(0, 50), sample(60, 50));
    await world.enriched(0, 60);
    await world.sweep();
    expect(world.remembers()).toBe(true);
    await world.ports.store.eraseVehicle('car-1', nowMs + 60_000);
    await world[how]();
    expect(world.remembers()).toBe(false);
    // What begins anew stays known.
    await append(world.ports, 1, sample(61, 50));
    await world.enriched(61, 61);
    await world.sweep();
    expect(world.remembers()).toBe(true);
    expect(await world.trips()).toMatchObject([{ sampleCount: 1 }]);
  });

  it('keeps harsh events as alerts of their own', async () => {
    const { ports, enriched } = await setUp();
    await append(ports, 1, sample(0, 50), sample(1, 50), sample(2, 30), sample(3, 30));
    await enriched(0, 3);
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 9 };
    expect(await ports.store.listAlerts(range)).toMatchObject([
      { kind: 'harsh-braking', detail: '-5.56', origin: 'trips' },
    ]);
  });
});

describe('the sweep', () => {
  it('drives stuck receipts again by the event of their stage, joined per vehicle and day', async () => {
    const { ports, sweep } = await setUp();
    await append(ports, 2, sample(0, 50));
    await append(ports, 2, sample(60, 50));
    ports.setNow(nowMs + 10_000);
    await sweep();
    expect(ports.published).toEqual([]);
    ports.setNow(nowMs + 31_000);
    await sweep();
    expect(ports.published).toMatchObject([
      { type: eventTypes.accepted, data: { vehicle: 'car-1', fromMs: nowMs, toMs: nowMs + 60_000 } },
    ]);
    expect(await ports.store.listReceipts({ limit: 9 })).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
  });

  it('drives at the start what an earlier process left behind, however young', async () => {
    const { ports, context } = await setUp();
    await append(ports, 2, sample(0, 50));
    ports.setNow(nowMs + 500);
    await append(ports, 2, sample(60, 50));
    const start = { ...ping('sweep'), data: { job: 'sweep', stuckBeforeMs: nowMs } };
    await handle(context, start, ports);
    expect(ports.published).toMatchObject([{ data: { fromMs: nowMs, toMs: nowMs } }]);
  });

  it('drives what came under a clock that has been set back since', async () => {
    const { ports, sweep } = await setUp();
    ports.setNow(nowMs + 365 * day);
    await append(ports, 2, sample(0, 50));
    ports.setNow(nowMs);
    await sweep();
    expect(ports.published).toMatchObject([{ type: eventTypes.accepted, data: { fromMs: nowMs } }]);
  });

  it('counts no attempt while the broker is off', async () => {
    const { ports, sweep } = await setUp();
    await append(ports, 1, sample(0, 50));
    ports.setNow(nowMs + 31_000);
    ports.refusePublishing();
    await sweep();
    expect(await ports.store.listReceipts({ limit: 9 })).toMatchObject([{ pending: 1, attempts: 0 }]);
  });

  it('makes a receipt that never gets through a dead letter, and pending no more', async () => {
    const { ports, sweep } = await setUp();
    await append(ports, 2, sample(0, 50));
    ports.setNow(nowMs + 31_000);
    for (let i = 0; i < 11; i++) await sweep();
    expect(await ports.store.countReceipts()).toMatchObject({ pending: 0, rollup: 1 });
    expect(await ports.store.listDeadLetters({ limit: 9 })).toMatchObject([
      { event: { type: eventTypes.accepted }, count: 1 },
    ]);
    expect(ports.published).toHaveLength(10);
  });

  it('seals a day once it can no longer change, and mends and counts what differs', async () => {
    const { ports, trips, sweep } = await setUp();
    await append(ports, 1, sample(0, 50), sample(10, 50));
    const [receipt] = await ports.store.listReceipts({ limit: 1 });
    await ports.store.markReceipts([receipt?.id as string], { pending: 0 });
    ports.setNow(nowMs + 7 * day);
    await sweep();
    expect(await trips()).toMatchObject([{ status: 'ended', endedBy: 'gap' }]);
    expect(ports.counts.get('fleet_seal_differences_total')).toBe(1);
    expect(await ports.store.listUnsealed('trips', nowMs + day, 9)).toEqual([]);
  });
});
