import type { Clock } from '../../functions/lib/ports.ts';

/** A clock for tests that jumps to the next timer as soon as somebody waits for one. */
export function createFakeClock(nowMs: number): Clock & { set(nowMs: number): void } {
  return {
    now: () => nowMs,
    set: (toMs) => {
      nowMs = toMs;
    },
    after: (delayMs, callback) => {
      const timer = setImmediate(() => {
        nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
}
