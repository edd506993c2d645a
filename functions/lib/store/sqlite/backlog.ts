/** A receipt whose samples are still a part. */
export interface Part {
  id: number;
  vehicleId: number;
  dayMs: number;
  /** Samples in it. */
  count: number;
}

/** Parts that become one, so that a long outage of what derives leaves some dozens of receipts for a car and day. */
const joinedAtOnce = 32;
/** Below it a part is small, samples; small ones become one first, so that each sample is written again twice at most. */
const smallBelow = 256;
/** A part of so many samples is left alone. */
const largeFrom = 4_096;
/** Samples of one vehicle in parts at most: to make rows of them takes a quarter of a second, which appends wait for. */
const maxInParts = 100_000;

/** The parts of a vehicle and day that may still become one, by age: all of the middle ones are older than the small ones. */
interface Tail {
  small: Part[];
  middle: Part[];
}

interface Vehicle {
  /** Samples in parts. */
  samples: number;
  tails: Map<number, Tail>;
}

/**
 * Which samples are still in parts, in memory of the one writing thread. Only what follows each other is joined, because of
 * samples under one identity the later one wins.
 */
export class Backlog {
  readonly #vehicles = new Map<number, Vehicle>();

  /** Takes in a part that was written; answers the ones that are to become one now, it among them, oldest first. */
  add(part: Part): Part[] {
    const vehicle = this.#vehicles.get(part.vehicleId) ?? { samples: 0, tails: new Map<number, Tail>() };
    this.#vehicles.set(part.vehicleId, vehicle);
    vehicle.samples += part.count;
    if (part.count >= largeFrom) {
      vehicle.tails.delete(part.dayMs);
      return [];
    }
    const tail = vehicle.tails.get(part.dayMs) ?? { small: [], middle: [] };
    vehicle.tails.set(part.dayMs, tail);
    if (part.count >= smallBelow) return addMiddle(tail, part);
    tail.small.push(part);
    return tail.small.length < joinedAtOnce ? [] : tail.small.splice(0);
  }

  /** Takes in what small parts have become; answers what is to become one with it. */
  addJoined(part: Part): Part[] {
    const tail = this.#vehicles.get(part.vehicleId)?.tails.get(part.dayMs);
    return tail ? addMiddle(tail, part) : [];
  }

  /** Whether samples of the vehicle are in parts. */
  has(vehicleId: number): boolean {
    return this.#vehicles.has(vehicleId);
  }

  /** Whether they are more than should be. */
  isFull(vehicleId: number): boolean {
    return (this.#vehicles.get(vehicleId)?.samples ?? 0) > maxInParts;
  }

  /** No parts of the vehicle are joined any more that are there now: somebody has listed their receipts. */
  leave(vehicleId: number): void {
    this.#vehicles.get(vehicleId)?.tails.clear();
  }

  /** The vehicle has no parts any more. */
  forget(vehicleId: number): void {
    this.#vehicles.delete(vehicleId);
  }
}

function addMiddle(tail: Tail, part: Part): Part[] {
  tail.middle.push(...tail.small.splice(0), part);
  const count = tail.middle.reduce((sum, one) => sum + one.count, 0);
  if (tail.middle.length < joinedAtOnce && count < largeFrom) return [];
  return tail.middle.splice(0);
}
