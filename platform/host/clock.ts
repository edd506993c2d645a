import type { Clock } from '../../functions/lib/ports.ts';

/** What a timer counts to, ms: nearly 25 days. Given more, it would ring at once. */
const longestMs = 2 ** 31 - 1;

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, longestMs));
    return () => clearTimeout(timer);
  },
};
