import type { Metrics } from '../../functions/lib/ports.ts';
import { Tally } from './tally.ts';

export interface BacklogLimits {
  events: number;
  /** Of all events together, as JSON. */
  bytes: number;
}

/**
 * All events that a broker took and has not finished with: queued, in delivery, or waiting for another try. One bound
 * for all of them is what keeps memory bounded whatever the subscribers do.
 */
export class Backlog {
  /** Deliveries and pings that are not waiting for another try: all that goes on without a clock. */
  readonly underWay = new Tally();
  readonly #held = new Tally();
  #bytes = 0;
  readonly #limits: BacklogLimits;
  readonly #metrics: Metrics;

  constructor(limits: BacklogLimits, metrics: Metrics) {
    this.#limits = limits;
    this.#metrics = metrics;
  }

  get size(): { events: number; bytes: number } {
    return { events: this.#held.count, bytes: this.#bytes };
  }

  /**
   * Takes an event in; false when it is full. Replies and pings have as much room again: a reply that is refused keeps
   * the event it answers here, and a flood of reports must not keep the sweep from mending what it did.
   */
  hold(bytes: number, origin: 'reported' | 'own' = 'reported'): boolean {
    const room = origin === 'own' ? 2 : 1;
    const { events, bytes: most } = this.#limits;
    if (this.#held.count >= room * events || this.#bytes + bytes > room * most) return false;
    this.#held.begin();
    this.#measure(bytes);
    return true;
  }

  release(bytes: number): void {
    this.#held.end();
    this.#measure(-bytes);
  }

  /** Resolves when nothing is held. */
  idle(): Promise<void> {
    return this.#held.zero();
  }

  #measure(bytes: number): void {
    this.#bytes += bytes;
    this.#metrics.gauge('fleet_broker_queue_events', this.#held.count);
    this.#metrics.gauge('fleet_broker_queue_bytes', this.#bytes);
  }
}
