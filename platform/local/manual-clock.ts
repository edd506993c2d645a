import type { Clock } from '../../functions/lib/ports.ts';

interface Timer {
  dueMs: number;
  callback: () => void;
}

/** A clock that is moved by hand: days of timers run through in the order of their times. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /**
   * Moves on by `ms`, ringing what falls due on the way. After each of them `settle` is awaited, so that what it set
   * off (deliveries, new timers) has happened before time moves on.
   */
  async advance(ms: number, settle: () => Promise<void> = nextTurn): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = this.#timers.reduce<Timer | undefined>(
        (first, timer) =>
          timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs) ? timer : first,
        undefined,
      );
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}

/** One turn of the event loop: all that is waiting in microtasks is done then. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
