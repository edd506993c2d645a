import type { Device } from './device.ts';
import type { Motion } from './driver.ts';
import { endMsOf, movementAt } from './motion.ts';

/** A device goes on for so long after the engine stopped, s; then it reports by heartbeats, for so long. */
const awakeS = 60;
const heartbeatsS = 1_800;

/** When a device reports from one instant up to, not including, another, ms. */
export function* reportTimes(device: Device, motion: Motion, fromMs: number, untilMs: number): Generator<number> {
  const asleepMs = endMsOf(motion) + (device.heartbeatS > 0 ? heartbeatsS : awakeS) * 1_000;
  let engineOnMs = fromMs;
  let heartbeatMs = 0;
  for (let atMs = fromMs + device.phaseMs; atMs < Math.min(untilMs, asleepMs); atMs += device.intervalMs) {
    if (movementAt(motion, atMs).engineOn) engineOnMs = atMs;
    if (atMs - engineOnMs <= awakeS * 1_000) yield atMs;
    else if (device.heartbeatS > 0 && atMs >= heartbeatMs) {
      heartbeatMs = atMs + device.heartbeatS * 1_000;
      yield atMs;
    }
  }
}
