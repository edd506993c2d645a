import type { CloudEvent } from '../telemetry/events.ts';

/** The vehicle an event is about, as erasing it means; undefined where it is about none. */
export function vehicleOf({ subject, data }: CloudEvent): string | undefined {
  if (subject !== undefined) return subject;
  const { vehicle } = (data ?? {}) as { vehicle?: unknown };
  return typeof vehicle === 'string' ? vehicle : undefined;
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
