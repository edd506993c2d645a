import type { Range } from '../lib/store/derive.ts';

/** One derivation at a time for each vehicle; what comes meanwhile is joined into the next one. */
export interface Lanes {
  /** Resolves with the number of trips that changed, once a derivation that covers the range is written. */
  run(range: Range): Promise<number>;
}

interface Lane {
  next: { range: Range; done: Promise<number> } | null;
  current: Promise<number>;
}

export function createLanes(derive: (range: Range) => Promise<number>): Lanes {
  /** Only vehicles at work: a lane goes when it is empty, so the deliveries in flight bound them. */
  const lanes = new Map<string, Lane>();

  function start(range: Range): Promise<number> {
    const current = derive(range);
    const lane: Lane = { next: null, current };
    lanes.set(range.vehicle, lane);
    current
      .catch(() => {})
      .then(() => {
        if (lanes.get(range.vehicle) === lane && lane.next === null) lanes.delete(range.vehicle);
      });
    return current;
  }

  return {
    run({ vehicle, fromMs, toMs }) {
      const lane = lanes.get(vehicle);
      if (!lane) return start({ vehicle, fromMs, toMs });
      if (lane.next) {
        lane.next.range.fromMs = Math.min(lane.next.range.fromMs, fromMs);
        lane.next.range.toMs = Math.max(lane.next.range.toMs, toMs);
        return lane.next.done;
      }
      const range = { vehicle, fromMs, toMs };
      const done = lane.current.catch(() => 0).then(() => start(range));
      lane.next = { range, done };
      return done;
    },
  };
}
