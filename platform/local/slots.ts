/**
 * At most `limit` tasks at a time, the others wait in order. Their number is bounded by the broker's backlog, every
 * waiting task being a delivery of an event in it.
 */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  /** A slot goes straight to the next in line, so that nobody overtakes. */
  #release(): void {
    const next = this.#waiting[this.#next];
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#next += 1;
    // Shifting an array for each task would cost its length; the used front goes in one piece.
    if (this.#next === this.#waiting.length || this.#next >= 1_024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    next();
  }
}
