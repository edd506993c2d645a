import type { CloudEvent } from '../telemetry/events.ts';
import type { Store } from './port.ts';
import { maxDeadLetters } from './retention.ts';

/** The vehicle an event is about, as erasing it means; undefined where it is about none. */
export function vehicleOf({ subject, data }: CloudEvent): string | undefined {
  if (subject !== undefined) return subject;
  const { vehicle } = (data ?? {}) as { vehicle?: unknown };
  return typeof vehicle === 'string' ? vehicle : undefined;
}

/**
 * Whether there is anything of a vehicle to erase, or there was: a name that was never heard of is a slip of the pen, and
 * shall leave no tombstone.
 */
export async function isKnown(store: Store, vehicle: string): Promise<boolean> {
  if ((await store.readVehicle(vehicle)) !== undefined) return true;
  const [receipts, letters, erasures] = await Promise.all([
    store.listReceipts({ vehicle, limit: 1 }),
    store.listDeadLetters({ withReplayed: true, limit: maxDeadLetters }),
    store.listErasures(),
  ]);
  const named = (erasure: { vehicle: string }) => erasure.vehicle === vehicle;
  return receipts.length > 0 || letters.some(({ event }) => vehicleOf(event) === vehicle) || erasures.some(named);
}

/**
 * Whether an event about an erased vehicle may hold something of before its erasure: every one that does not show to be
 * newer, by its own time and by the instants its data begins at (`fromMs` of ranges, `timeMs` of alerts, `startedAt` of
 * trips).
 */
export function mayHoldErased({ time, data }: CloudEvent, untilMs: number): boolean {
  const { fromMs, timeMs, startedAt } = (data ?? {}) as Record<string, unknown>;
  const told = [fromMs, timeMs, typeof startedAt === 'string' ? Date.parse(startedAt) : undefined];
  const instants = [Date.parse(time ?? ''), ...told.filter((instant) => instant !== undefined)];
  return !instants.every((instant) => typeof instant === 'number' && instant > untilMs);
}
