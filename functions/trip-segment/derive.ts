import type { Ports } from '../lib/ports.ts';
import { pendingIn, type Range, tryAgain } from '../lib/store/derive.ts';
import type { Alert, DerivedAlerts, Guard, StoredTrip } from '../lib/store/port.ts';
import { alertEvent } from '../lib/telemetry/derived-events.ts';
import { deriveIsland, type Island } from '../lib/trips/island.ts';
import type { SegmentedTrip, Segmenter } from '../lib/trips/segmenter.ts';
import { announce } from './announce.ts';
import { reconcile } from './reconcile.ts';

/** Where the derivation of a vehicle stood, to go on with newer samples instead of reading the island again. */
export type Warm = Map<string, Remembered>;

interface Remembered {
  segmenter: Segmenter;
  /** Trips that begin from here on are still its own. */
  fromMs: number;
  /** The version that its samples were read at. */
  version: string;
  /** The harsh events that were written, as one comparable text. */
  harsh: string;
}

/** Vehicles kept warm, least recently used dropped: some kilobytes each. */
const maxWarm = 2_000;
/** Trips of one region read at most; a vehicle-day has a few dozen. */
const maxTrips = 10_000;

/**
 * Derives the trips of the island around a range again, replaces those that were there, marks the receipts that touch it
 * and tells what changed (DESIGN §5).
 *
 * @returns how many rows changed
 */
export async function deriveTrips(range: Range, ports: Ports, warm: Warm): Promise<number> {
  return tryAgain(async () => {
    const changed = await pass(range, ports, warm);
    if (changed === null) warm.delete(range.vehicle);
    return changed;
  });
}

async function pass(told: Range, ports: Ports, warm: Warm): Promise<number | null> {
  const { store } = ports;
  const { vehicle } = told;
  const version = await store.readVersion(vehicle);
  const range = await pendingIn(store, told, 1);
  const last = warm.get(vehicle);
  const lastMs = last?.segmenter.lastMs ?? null;
  const goesOn = last !== undefined && lastMs !== null && range.fromMs > lastMs;
  const island = goesOn ? await continued(last, lastMs, vehicle, ports) : await derived(range, ports);
  const guard: Guard[] = [{ vehicle, version, of: 'trips' }];
  // What is remembered must still be what the samples up to there say.
  if (goesOn) guard.push({ vehicle, version: last.version, of: 'samples', range: { fromMs: -Infinity, toMs: lastMs } });
  if (!island.whole) {
    // Part of what it was made of is gone: its rows are frozen, and only what is open is closed.
    const open = (await rowsOf(vehicle, island, ports)).filter((row) => row.dueMs !== null);
    const closed = open.map((row): StoredTrip => ({ ...row, status: 'ended', endedBy: 'gap', dueMs: null }));
    ports.metrics.count('fleet_frozen_islands_total');
    return (await store.writeTrips(closed, range.ids, guard)) ? 0 : null;
  }
  const changes = reconcile(await rowsOf(vehicle, island, ports), island.trips);
  const rows = changes.map(({ row }) => row);
  const harsh = harshKey(island.trips, island.fromMs);
  const alerts = goesOn && harsh === last.harsh ? undefined : harshAlerts(vehicle, island);
  const nothing = rows.length + range.ids.length === 0 && !alerts;
  if (!nothing) {
    const fresh = await store.writeTrips(rows, range.ids, guard, alerts);
    if (fresh === null) return null;
    for (const alert of fresh) await ports.publish(alertEvent(alert, '/functions/trip-segment'));
  }
  // Without a write nothing has checked the guard, so what is remembered stands where it stood.
  remember(warm, vehicle, island, goesOn && nothing ? last.version : version);
  await announce(changes, ports);
  return changes.length;
}

/** Goes on from where the last derivation stood: every new sample is newer than what it has seen. */
async function continued(
  { segmenter, fromMs }: Remembered,
  lastMs: number,
  vehicle: string,
  { store, clock }: Ports,
): Promise<Island> {
  for await (const page of store.readSamples(vehicle, lastMs + 1, Number.MAX_SAFE_INTEGER)) {
    for (const sample of page) segmenter.add(sample);
  }
  const provisional = segmenter.clone();
  provisional.advance(clock.now());
  return { fromMs, endMs: Infinity, trips: provisional.trips(), whole: true, segmenter };
}

async function derived(range: Range, { store, clock, rulesFor }: Ports): Promise<Island> {
  const { vehicle } = range;
  return deriveIsland(
    vehicle,
    range,
    (fromMs, toMs) => store.readSamples(vehicle, fromMs, toMs),
    rulesFor(vehicle),
    clock.now(),
    () => store.rawFloorMs(vehicle),
  );
}

function rowsOf(
  vehicle: string,
  { fromMs, endMs }: { fromMs: number; endMs: number },
  { store }: Ports,
): Promise<StoredTrip[]> {
  return store.listTrips({
    vehicle,
    fromMs,
    toMs: lastOf(endMs),
    startsWithin: true,
    withRetracted: true,
    limit: maxTrips,
  });
}

/** The last instant before an island's end, which may be Infinity. */
function lastOf(endMs: number): number {
  return Math.min(endMs - 1, Number.MAX_SAFE_INTEGER);
}

function remember(warm: Warm, vehicle: string, { segmenter, trips }: Island, version: string): void {
  warm.delete(vehicle);
  if (!segmenter) return;
  // What has ended can only change by an older sample, which starts from raw again; so the rest stays small.
  segmenter.dropEnded();
  const fromMs = segmenter.openStartMs ?? (segmenter.lastMs ?? 0) + 1;
  warm.set(vehicle, { segmenter, fromMs, version, harsh: harshKey(trips, fromMs) });
  if (warm.size > maxWarm) warm.delete(warm.keys().next().value as string);
}

/** The harsh events of trips that begin at or after an instant, as one comparable text. */
function harshKey(trips: readonly SegmentedTrip[], fromMs: number): string {
  return JSON.stringify(trips.filter(({ trip }) => Date.parse(trip.startedAt) >= fromMs).map(({ harsh }) => harsh));
}

/** The harsh events of an island's trips, to replace all that are kept of it. */
function harshAlerts(vehicle: string, { trips, fromMs, endMs }: Island): DerivedAlerts {
  const alerts = trips.flatMap(({ harsh }) =>
    harsh.map(({ timeMs, mps2 }): Alert => {
      const kind = mps2 > 0 ? 'harsh-acceleration' : 'harsh-braking';
      return { vehicle, timeMs, origin: 'trips', kind, detail: mps2.toFixed(2) };
    }),
  );
  return { range: { vehicle, origin: 'trips', fromMs, toMs: lastOf(endMs) }, alerts };
}
