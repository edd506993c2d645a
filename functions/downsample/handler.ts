import { type Context, type Ports, Refusal } from '../lib/ports.ts';
import { type ChangedRange, mergeRanges } from '../lib/rollups/ranges.ts';
import { type RollupTier, windowMs } from '../lib/rollups/rollup.ts';
import { sealDays } from '../lib/sealing.ts';
import { KeepsChanging, maxReceipts } from '../lib/store/derive.ts';
import { type RollupStage, StoreUnavailable, type VehicleDay } from '../lib/store/port.ts';
import { dayMs, rawDays } from '../lib/store/retention.ts';
import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { type CloudEvent, eventTypes, jobSchema } from '../lib/telemetry/events.ts';

/** Receipts taken at a time: ten seconds of a thousand cars, whose windows are computed once for all of them. */
const batchReceipts = 10_000;
/** Vehicle-days sealed in one tick at most; the next tick goes on. */
const maxSeals = 500;
const oneMinuteDays = 90;

/** Pings → rollups of the windows that pending receipts name, sealing and expiry. */
export async function handle(_: Context, event: CloudEvent, ports: Ports): Promise<CloudEvent | undefined> {
  const told = jobSchema.safeParse(event.data);
  if (!told.success) throw new Refusal(`data of ${event.id}: no job that is known`);
  if (told.data.job === 'downsample-1m') return replyOf(await rollUpPending('1m', 2, event, ports));
  if (told.data.job === 'downsample-5m') {
    // Both ticks come at one moment, in whatever order: what the other one has not done yet would wait for the next.
    const below = await rollUpPending('1m', 2, event, ports);
    if (below.reply) await ports.publish(below.reply);
    const above = await rollUpPending('5m', 1, event, ports);
    return replyOf({ reply: above.reply, fault: below.fault ?? above.fault });
  }
  if (told.data.job === 'expire') await sealAndExpire(ports);
  return undefined;
}

/** What a tick did, and what went wrong in it with some vehicle. */
interface Tick {
  reply: CloudEvent | undefined;
  fault: unknown;
}

function replyOf({ reply, fault }: Tick): CloudEvent | undefined {
  if (fault) throw fault;
  return reply;
}

/**
 * The windows of every receipt at a stage: compute, write, and only then mark (DESIGN §6). A vehicle that fails holds up no
 * other: its receipts are left to the next tick. One whose samples keep changing is no fault.
 */
async function rollUpPending(
  tier: RollupTier,
  stage: Exclude<RollupStage, 0>,
  event: CloudEvent,
  ports: Ports,
): Promise<Tick> {
  const { store, metrics, clock } = ports;
  const done: Done = { tier, fromMs: Infinity, toMs: -Infinity, rows: 0, changed: 0 };
  const startedMs = clock.now();
  /** What went wrong, by vehicle. */
  const failed = new Map<string, unknown>();
  /** Receipts of those. */
  const left = new Set<string>();
  for (;;) {
    const limit = batchReceipts + left.size;
    // Only of receipts that are enriched, so that decoded values are in the rows.
    const listed = await store.listReceipts({ rollup: [stage], pending: [1, 0], limit });
    const receipts = listed.filter(({ id }) => !left.has(id));
    for (const range of mergeRanges(receipts, windowMs[tier])) {
      if (!failed.has(range.vehicle)) await rollUpRange(range, done, failed, ports);
    }
    const rolledUp = receipts.filter(({ vehicle }) => !failed.has(vehicle)).map(({ id }) => id);
    if (rolledUp.length > 0) await store.markReceipts(rolledUp, { rollup: (stage - 1) as RollupStage });
    for (const { id, vehicle } of receipts) if (failed.has(vehicle)) left.add(id);
    // What came meanwhile is left to the next tick: of a fleet that reports all the time there is always something.
    const areOlder = receipts.some(({ receivedMs }) => receivedMs <= startedMs);
    if (listed.length < limit || !areOlder || left.size > maxReceipts) break;
  }
  metrics.count('fleet_rollup_rows_total', done.rows, { tier });
  const fault = [...failed.values()].find((error) => !(error instanceof KeepsChanging));
  if (done.rows === 0) return { reply: undefined, fault };
  const reply = derivedEvent({
    id: `${event.id}/${tier}`,
    source: '/functions/downsample',
    type: eventTypes.rollupCompleted,
    timeMs: clock.now(),
    data: done,
  });
  return { reply, fault };
}

interface Done {
  tier: RollupTier;
  fromMs: number;
  toMs: number;
  rows: number;
  changed: number;
}

/** Throws what holds for all vehicles: a store that is not there. */
async function rollUpRange(
  { vehicle, fromMs, toMs }: ChangedRange,
  done: Done,
  failed: Map<string, unknown>,
  { store, log }: Ports,
): Promise<void> {
  const { tier } = done;
  try {
    const floorMs = await store.rawFloorMs(vehicle);
    // Rows below the raw floor are frozen: what they were made of is gone.
    const wholeFromMs = Math.max(fromMs, Math.ceil(floorMs / windowMs[tier]) * windowMs[tier]);
    if (wholeFromMs > toMs) return;
    const { rows, changed } = await store.rollUp(tier, vehicle, wholeFromMs, toMs);
    done.rows += rows;
    done.changed += changed;
    done.fromMs = Math.min(done.fromMs, wholeFromMs);
    done.toMs = Math.max(done.toMs, toMs);
  } catch (error) {
    if (error instanceof StoreUnavailable && !(error instanceof KeepsChanging)) throw error;
    log.warn(
      { vehicle, tier, error: (error as Error).message },
      'a vehicle was not rolled up: the next tick tries again',
    );
    failed.set(vehicle, error);
  }
}

/** Each vehicle-day once more when it can no longer change, then the raw and 1-minute rows that have had their time. */
async function sealAndExpire(ports: Ports): Promise<void> {
  const { store, clock, metrics } = ports;
  // Nothing lives shorter because a clock ran ahead: time has passed as far as something was received (decisions/0006).
  const nowMs = Math.min(clock.now(), ((await store.latestReceiptMs()) ?? 0) + dayMs);
  const failures = await sealDays('rollups', maxSeals, (day) => rollUpDay(day, ports), ports);
  const floors = {
    rawFloorMs: Math.floor(nowMs / dayMs - rawDays) * dayMs,
    oneMinuteFloorMs: Math.floor(nowMs / dayMs - oneMinuteDays) * dayMs,
  };
  const { samples, oneMinuteRows } = await store.expire(floors);
  metrics.count('fleet_expired_rows_total', samples, { tier: 'raw' });
  metrics.count('fleet_expired_rows_total', oneMinuteRows, { tier: '1m' });
  if (failures.length > 0) throw failures[0];
}

async function rollUpDay({ vehicle, dayMs: fromMs }: VehicleDay, { store }: Ports): Promise<number> {
  const untilMs = fromMs + dayMs - 1;
  const oneMinute = await store.rollUp('1m', vehicle, fromMs, untilMs);
  const fiveMinutes = await store.rollUp('5m', vehicle, fromMs, untilMs);
  return oneMinute.changed + fiveMinutes.changed;
}
