import type { Ports } from '../lib/ports.ts';
import { sealDays } from '../lib/sealing.ts';
import { maxReceipts } from '../lib/store/derive.ts';
import type { PendingStage, Receipt, VehicleDay } from '../lib/store/port.ts';
import { dayMs } from '../lib/store/retention.ts';
import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { type ChangedRange, type CloudEvent, eventTypes } from '../lib/telemetry/events.ts';
import { routingOf } from '../lib/telemetry/shard.ts';
import type { Lanes } from './lanes.ts';

/** A receipt this young is still on its ordinary way, ms. */
const patienceMs = 30_000;
/** Open trips looked at in one sweep; the next one goes on. */
const maxDueTrips = 1_000;
const maxSeals = 200;
/** Sweeps that drive a receipt again before it becomes a dead letter. */
const maxAttempts = 10;
/** Derivations that the sweep starts at a time. */
const concurrency = 8;

/**
 * Ends what silence has ended, drives receipts that got stuck again, seals days that can no longer change.
 *
 * @param stuckBeforeMs receipts that came before this are stuck, however young
 */
export async function sweep(lanes: Lanes, cause: CloudEvent, ports: Ports, stuckBeforeMs = 0): Promise<void> {
  // One vehicle that cannot be derived holds up no other; the delivery fails in the end, and is counted.
  const failures = await endSilentTrips(lanes, ports);
  await driveAgain(cause, stuckBeforeMs, ports);
  failures.push(...(await sealTrips(lanes, ports)));
  if (failures.length > 0) throw failures[0];
}

async function endSilentTrips(lanes: Lanes, ports: Ports): Promise<unknown[]> {
  const { store, clock } = ports;
  const failures: unknown[] = [];
  const due = await store.listDueTrips(clock.now(), maxDueTrips);
  await inTurns(due, ({ vehicle, startedAt, endedAt }) =>
    lanes
      .run({ vehicle, fromMs: Date.parse(startedAt), toMs: Date.parse(endedAt) }, ports)
      .catch((error) => failures.push(error)),
  );
  return failures;
}

/** Publishes the events of stuck receipts again, joined per vehicle, day and stage; what was tried too often is set aside. */
async function driveAgain(cause: CloudEvent, stuckBeforeMs: number, ports: Ports): Promise<void> {
  const { store, clock, metrics, log } = ports;
  const pending = await store.listReceipts({ pending: [2, 1], limit: maxReceipts });
  const nowMs = clock.now();
  const beforeMs = Math.max(nowMs - patienceMs, stuckBeforeMs);
  // What came in the future came under a clock that has been set back since.
  const receipts = pending.filter(({ receivedMs }) => receivedMs <= beforeMs || receivedMs > nowMs + patienceMs);
  for (const group of groups(receipts)) {
    const event = eventFor(group, cause, ports);
    const ids = group.receipts.map((receipt) => receipt.id);
    if (group.attempts >= maxAttempts) {
      const reason = `still pending after ${maxAttempts} attempts of the sweep`;
      await store.putDeadLetter(
        { event, destination: '/functions/trip-segment/sweep', code: null, reason },
        clock.now(),
      );
      await store.markReceipts(ids, { pending: 0 });
      metrics.count('fleet_dead_letters_total', 1, { destination: '/functions/trip-segment/sweep' });
      log.error({ vehicle: group.vehicle, receipts: ids.length }, 'receipts became a dead letter');
      continue;
    }
    // While the broker is off nothing was tried, so nothing counts as an attempt.
    if (!(await ports.publish(event))) return;
    metrics.count('fleet_receipts_driven_again_total', ids.length);
    await store.markReceipts(ids, { attempts: group.attempts + 1 });
  }
}

interface Group {
  vehicle: string;
  stage: PendingStage;
  attempts: number;
  fromMs: number;
  toMs: number;
  receipts: Receipt[];
}

function groups(receipts: readonly Receipt[]): Group[] {
  const byKey = new Map<string, Group>();
  for (const receipt of receipts) {
    const { vehicle, pending: stage, attempts, fromMs, toMs } = receipt;
    const key = `${vehicle} ${stage} ${attempts} ${Math.floor(fromMs / dayMs)}`;
    const group = byKey.get(key);
    if (!group) {
      byKey.set(key, { vehicle, stage, attempts, fromMs, toMs, receipts: [receipt] });
      continue;
    }
    group.fromMs = Math.min(group.fromMs, fromMs);
    group.toMs = Math.max(group.toMs, toMs);
    group.receipts.push(receipt);
  }
  return [...byKey.values()];
}

function eventFor({ vehicle, stage, fromMs, toMs }: Group, cause: CloudEvent, { clock }: Ports): CloudEvent {
  const data: ChangedRange = { vehicle, fromMs, toMs };
  return {
    ...derivedEvent({
      id: `${cause.id}/${vehicle}/${stage}/${fromMs}`,
      source: '/functions/trip-segment/sweep',
      type: stage === 2 ? eventTypes.accepted : eventTypes.enriched,
      subject: vehicle,
      timeMs: clock.now(),
      data,
    }),
    ...routingOf(vehicle),
  };
}

function sealTrips(lanes: Lanes, ports: Ports): Promise<unknown[]> {
  const derive = ({ vehicle, dayMs: fromMs }: VehicleDay) =>
    lanes.run({ vehicle, fromMs, toMs: fromMs + dayMs - 1 }, ports);
  return sealDays('trips', maxSeals, derive, ports);
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
    }),
  );
}
