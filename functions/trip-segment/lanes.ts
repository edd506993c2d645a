import type { Ports } from '../lib/ports.ts';
import type { Range } from '../lib/store/derive.ts';

/** One derivation at a time for each vehicle; what comes meanwhile and is near to something that waits is joined to it. */
export interface Lanes {
  /**
   * Resolves with the number of trips that changed, once a derivation that covers the range is written.
   *
   * @param ports of the event that tells of it; what is joined is derived, and traced, by those of the first
   */
  run(range: Range, ports: Ports): Promise<number>;
}

/** Ranges further apart than this are derived apart, ms: what lies between them would be read for nothing. */
const nearMs = 3_600_000;

interface Waiting {
  range: Range;
  done: Promise<number>;
}

interface Lane {
  waiting: Waiting[];
  /** The end of the last derivation, be it a failure. */
  tail: Promise<unknown>;
}

export function createLanes(derive: (range: Range, ports: Ports) => Promise<number>): Lanes {
  /** Only vehicles at work: a lane goes when it is empty, so the deliveries in flight bound them. */
  const lanes = new Map<string, Lane>();

  function enqueue(lane: Lane, range: Range, ports: Ports): Promise<number> {
    const entry: Waiting = { range, done: Promise.resolve(0) };
    entry.done = lane.tail.then(() => {
      lane.waiting.splice(lane.waiting.indexOf(entry), 1);
      return derive(entry.range, ports);
    });
    lane.waiting.push(entry);
    const tail = entry.done.catch(() => {});
    lane.tail = tail;
    void tail.then(() => {
      if (lane.tail === tail) lanes.delete(range.vehicle);
    });
    return entry.done;
  }

  return {
    run({ vehicle, fromMs, toMs }, ports) {
      const lane = lanes.get(vehicle) ?? { waiting: [], tail: Promise.resolve() };
      lanes.set(vehicle, lane);
      const near = lane.waiting.find(({ range }) => fromMs <= range.toMs + nearMs && toMs >= range.fromMs - nearMs);
      if (!near) return enqueue(lane, { vehicle, fromMs, toMs }, ports);
      near.range.fromMs = Math.min(near.range.fromMs, fromMs);
      near.range.toMs = Math.max(near.range.toMs, toMs);
      return near.done;
    },
  };
}
