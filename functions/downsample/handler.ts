import { type Context, type Ports, Refusal } from '../lib/ports.ts';
import { mergeRanges } from '../lib/rollups/ranges.ts';
import { type RollupTier, windowMs } from '../lib/rollups/rollup.ts';
import { sealDays } from '../lib/sealing.ts';
import type { RollupStage, VehicleDay } from '../lib/store/port.ts';
import { dayMs, rawDays } from '../lib/store/retention.ts';
import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { type CloudEvent, eventTypes, jobSchema } from '../lib/telemetry/events.ts';

/** Receipts taken at a time. */
const batchReceipts = 1_000;
/** Vehicle-days sealed in one tick at most; the next tick goes on. */
const maxSeals = 500;
const oneMinuteDays = 90;

/** Pings → rollups of the windows that pending receipts name, sealing and expiry. */
export async function handle(_: Context, event: CloudEvent, ports: Ports): Promise<CloudEvent | undefined> {
  const told = jobSchema.safeParse(event.data);
  if (!told.success) throw new Refusal(`data of ${event.id}: no job that is known`);
  if (told.data.job === 'downsample-1m') return rollUpPending('1m', 2, event, ports);
  if (told.data.job === 'downsample-5m') {
    // Both ticks come at one moment, in whatever order: what the other one has not done yet would wait for the next.
    const below = await rollUpPending('1m', 2, event, ports);
    if (below) await ports.publish(below);
    return rollUpPending('5m', 1, event, ports);
  }
  if (told.data.job === 'expire') await sealAndExpire(ports);
  return undefined;
}

/** The windows of every receipt at a stage: compute, write, and only then mark (DESIGN §6). */
async function rollUpPending(
  tier: RollupTier,
  stage: Exclude<RollupStage, 0>,
  event: CloudEvent,
  { store, metrics, clock }: Ports,
): Promise<CloudEvent | undefined> {
  const done = { tier, fromMs: Infinity, toMs: -Infinity, rows: 0, changed: 0 };
  for (;;) {
    // Only of receipts that are enriched, so that decoded values are in the rows.
    const receipts = await store.listReceipts({ rollup: [stage], pending: [1, 0], limit: batchReceipts });
    if (receipts.length === 0) break;
    for (const { vehicle, fromMs, toMs } of mergeRanges(receipts, windowMs[tier])) {
      const floorMs = await store.rawFloorMs(vehicle);
      // Rows below the raw floor are frozen: what they were made of is gone.
      const wholeFromMs = Math.max(fromMs, Math.ceil(floorMs / windowMs[tier]) * windowMs[tier]);
      if (wholeFromMs > toMs) continue;
      const { rows, changed } = await store.rollUp(tier, vehicle, wholeFromMs, toMs);
      done.rows += rows;
      done.changed += changed;
      done.fromMs = Math.min(done.fromMs, wholeFromMs);
      done.toMs = Math.max(done.toMs, toMs);
    }
    await store.markReceipts(
      receipts.map((receipt) => receipt.id),
      { rollup: (stage - 1) as RollupStage },
    );
  }
  metrics.count('fleet_rollup_rows_total', done.rows, { tier });
  if (done.rows === 0) return undefined;
  return derivedEvent({
    id: `${event.id}/${tier}`,
    source: '/functions/downsample',
    type: eventTypes.rollupCompleted,
    timeMs: clock.now(),
    data: done,
  });
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
