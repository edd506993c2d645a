import type { Ports } from './ports.ts';
import type { SealKind, VehicleDay } from './store/port.ts';
import { sealableBeforeMs } from './store/retention.ts';

/**
 * Derives vehicle-days once more that can no longer change, and seals them; what differs then is counted and alarms
 * (DESIGN §2). A day that cannot be derived stays, and holds up no other.
 *
 * @param derive answers how many rows differed
 * @returns what went wrong
 */
export async function sealDays(
  kind: SealKind,
  limit: number,
  derive: (day: VehicleDay) => Promise<number>,
  { store, clock, metrics, log }: Ports,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const day of await store.listUnsealed(kind, sealableBeforeMs(clock.now()), limit)) {
    try {
      const differences = await derive(day);
      if (differences > 0) {
        metrics.count('fleet_seal_differences_total', differences, { kind });
        log.error({ ...day, differences }, `sealing found ${kind} that differed; they are right now`);
      }
      await store.seal(kind, day, differences);
    } catch (error) {
      log.error({ ...day, error: (error as Error).message }, `the ${kind} of a day could not be sealed`);
      failures.push(error);
    }
  }
  return failures;
}
