import type { Motion } from './driver.ts';

/** The car's true movement at one instant. */
export interface Movement {
  distanceM: number;
  speedMps: number;
  accelMps2: number;
  engineOn: boolean;
}

/** When the drive is over and the engine off, ms. */
export function endMsOf(motion: Motion): number {
  return motion.startMs + (motion.speedMps.length - 1) * motion.stepMs;
}

/** Movement at any instant, exact between the steps: acceleration is constant there. At rest before and after. */
export function movementAt(motion: Motion, atMs: number): Movement {
  const last = motion.speedMps.length - 1;
  const steps = Math.min(last, Math.max(0, (atMs - motion.startMs) / motion.stepMs));
  const index = Math.floor(steps);
  const v = motion.speedMps[index] ?? 0;
  const accelMps2 = ((motion.speedMps[index + 1] ?? v) - v) / (motion.stepMs / 1_000);
  const seconds = ((steps - index) * motion.stepMs) / 1_000;
  return {
    distanceM: (motion.distanceM[index] ?? 0) + v * seconds + (accelMps2 * seconds ** 2) / 2,
    speedMps: v + accelMps2 * seconds,
    accelMps2,
    engineOn: motion.engineOn[index] ?? false,
  };
}

/** Highest true speed between two instants, m/s. */
export function maxSpeedMps(motion: Motion, fromMs: number, toMs: number): number {
  const from = Math.max(0, Math.ceil((fromMs - motion.startMs) / motion.stepMs));
  const to = Math.floor((toMs - motion.startMs) / motion.stepMs);
  const ends = [movementAt(motion, fromMs).speedMps, movementAt(motion, toMs).speedMps];
  // reduce, not Math.max(...): a long drive has more steps than a call may have arguments.
  return motion.speedMps.slice(from, to + 1).reduce((max, v) => Math.max(max, v), Math.max(...ends));
}
