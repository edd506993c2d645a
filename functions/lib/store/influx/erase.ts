import { setTimeout as sleep } from 'node:timers/promises';
import type { Erased } from '../port.ts';
import { changeLine, newChange } from './changes.ts';
import { type Client, timeoutMs } from './client.ts';
import { beginningMs, endMs } from './instants.ts';
import type { SampleReads } from './samples.ts';
import { snapshotMs, type Tombstones } from './tombstones.ts';

/** After this nobody writes any more who had not seen the tombstone, ms. */
export const settledMs = snapshotMs + timeoutMs;

const holding = ['telemetry_raw', 'telemetry_1m', 'telemetry_5m', 'fleet'] as const;

/**
 * Removes a vehicle: first the tombstone, so that no process takes anything back; then, when every write that was under
 * way is over, all that is there up to it; and a change that lets the guards of before fail.
 *
 * @param settleMs how long writes may be under way that have not seen the tombstone
 */
export function createErase(client: Client, samples: SampleReads, tombstones: Tombstones, settleMs: number) {
  return async (vehicle: string, nowMs: number | null): Promise<Erased> => {
    const newestMs = (await samples.newestMs(vehicle)) ?? -Infinity;
    const knownMs = (await tombstones.fresh()).get(vehicle) ?? -Infinity;
    const untilMs = nowMs === null ? null : Math.max(nowMs, newestMs, knownMs);
    const count = await samples.count(vehicle);
    await tombstones.set(vehicle, untilMs);
    const gone = () => client.write('telemetry_raw', [changeLine(vehicle, newChange('erased'))]);
    await gone();
    if (untilMs !== null) await sleep(settleMs);
    // What is newer than the tombstone is a new beginning.
    const range = { vehicle, fromMs: beginningMs, toMs: untilMs ?? endMs };
    await Promise.all(holding.map((bucket) => client.remove(bucket, range)));
    // It went with the rest.
    await gone();
    return { samples: count, untilMs };
  };
}
