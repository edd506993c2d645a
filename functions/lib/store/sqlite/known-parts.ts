import type { NewReceipt } from './write-receipts.ts';

/** When parts are joined, and when rows are made of them although nobody derives. Tests have smaller ones. */
export interface PartLimits {
  /**
   * Parts are joined when so many have come, and so many for each vehicle, that are still there: nobody derives, because the
   * broker is off, or far behind.
   */
  joinEvery: { parts: number; perVehicle: number };
  /** A part of fewer samples and bytes is small: it is joined with its neighbours each time, from memory. */
  smallBelow: { samples: number; bytes: number };
  /** Bytes of small parts remembered at most; beyond it all of them become middle ones. */
  maxSmallBytes: number;
  /** A part of so many samples stays as it is; those between are read and joined when they have so many together. */
  largeFrom: number;
  /** Or when there are so many of them, of one vehicle and day: those at the end that are about as large as what follows. */
  maxMiddle: number;
  /** Bytes read to be joined in one commit at most, or one vehicle's and day's; the others wait. */
  maxReadBytes: number;
  /** Bytes of a vehicle in parts at most: to make rows of them takes a quarter of a second, which appends wait for. */
  maxBytes: number;
  /** Vehicle-days with parts at most, because each is remembered. */
  maxDays: number;
}

export const partLimits: PartLimits = {
  joinEvery: { parts: 1_024, perVehicle: 8 },
  smallBelow: { samples: 64, bytes: 16_384 },
  maxSmallBytes: 16 * 1024 * 1024,
  largeFrom: 2_048,
  maxMiddle: 32,
  maxReadBytes: 4 * 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  maxDays: 50_000,
};

/** A receipt that carries a part. */
export type PartReceipt = NewReceipt & { part: Uint8Array };

/** Parts of one vehicle and day that follow each other: first those to be read, by the ids of their receipts. */
export interface Run {
  middle: number[];
  small: PartReceipt[];
}

/** What the writing thread, and it alone, knows of the parts in the file without asking. */
export interface KnownParts {
  has(vehicleId: number): boolean;
  add(receipt: PartReceipt): void;
  /** Parts that are in the file already: they stay as they are. */
  addStored(vehicleId: number, dayMs: number, bytes: number): void;
  /** Rows were made of them. */
  remove(vehicleId: number): void;
  /** Nothing that is there is joined with anything from now on. */
  keep(vehicleId: number): void;
  /** What is to be joined now; it is no longer known, but for what it is joined to. */
  takeRuns(): Run[];
  /** Those of these vehicles of which rows are to be made now: of about `maxBytes`, or of one vehicle. */
  excess(vehicleIds: readonly number[]): number[];
}

interface Vehicle {
  bytes: number;
  /** Parts that came since parts were joined last. */
  fresh: number;
  days: Map<number, Day>;
}

/** No large part came after these; of samples under one identity the later one wins, so that none may overtake another. */
interface Day {
  middle: Middle[];
  small: PartReceipt[];
}

interface Middle {
  id: number;
  count: number;
  bytes: number;
}

export function createKnownParts(limits: PartLimits): KnownParts {
  const vehicles = new Map<number, Vehicle>();
  let days = 0;
  let fresh = 0;
  let smallBytes = 0;
  /** Middle parts were left that are to be joined: it was more than is read in one commit. */
  let isBehind = false;
  /** Parts that came since anything was looked for. */
  let sinceLook = 0;

  function vehicleOf(vehicleId: number): Vehicle {
    const known = vehicles.get(vehicleId) ?? { bytes: 0, fresh: 0, days: new Map<number, Day>() };
    vehicles.set(vehicleId, known);
    return known;
  }

  function dayOf({ days: its }: Vehicle, dayMs: number): Day {
    const known = its.get(dayMs);
    if (known) return known;
    const day: Day = { middle: [], small: [] };
    its.set(dayMs, day);
    days++;
    return day;
  }

  function takeSmall(day: Day): PartReceipt[] {
    const small = day.small.splice(0);
    smallBytes -= bytesOf(small);
    return small;
  }

  function keep(vehicle: Vehicle): void {
    for (const day of vehicle.days.values()) {
      takeSmall(day);
      day.middle = [];
    }
    fresh -= vehicle.fresh;
    vehicle.fresh = 0;
  }

  function addMiddle(day: Day, receipts: readonly PartReceipt[]): void {
    for (const { id, count, part } of receipts) day.middle.push({ id, count, bytes: part.length });
  }

  function makeAllMiddle(): void {
    for (const vehicle of vehicles.values()) for (const day of vehicle.days.values()) addMiddle(day, takeSmall(day));
  }

  /**
   * Undefined where there is nothing to join.
   *
   * @param isTime for the small ones, too
   */
  function runOf(vehicle: Vehicle, day: Day, mayReadBytes: number, isTime: boolean): Run | undefined {
    const tail = tailOf(day, limits);
    const tailBytes = sum(tail, 'bytes');
    const reads = tail.length > 0 && tailBytes <= mayReadBytes;
    if (tail.length > 0 && !reads) isBehind = true;
    if (!reads && !(isTime && day.small.length > 1)) return undefined;
    const small = takeSmall(day);
    vehicle.bytes -= bytesOf(small);
    if (!reads) return { middle: [], small };
    vehicle.bytes -= tailBytes;
    const taken = day.middle.splice(day.middle.length - tail.length);
    return { middle: taken.map(({ id }) => id), small };
  }

  return {
    has: (vehicleId) => vehicles.has(vehicleId),
    add(receipt) {
      const { vehicleId, dayMs, count, joined, part } = receipt;
      const vehicle = vehicleOf(vehicleId);
      const day = dayOf(vehicle, dayMs);
      vehicle.bytes += part.length;
      if (!joined) {
        vehicle.fresh++;
        fresh++;
        sinceLook++;
      }
      if (count < limits.smallBelow.samples && part.length < limits.smallBelow.bytes) {
        day.small.push(receipt);
        smallBytes += part.length;
        if (smallBytes > limits.maxSmallBytes) makeAllMiddle();
        return;
      }
      addMiddle(day, [...takeSmall(day), receipt]);
      if (count >= limits.largeFrom) day.middle = [];
    },
    addStored(vehicleId, dayMs, bytes) {
      const vehicle = vehicleOf(vehicleId);
      dayOf(vehicle, dayMs);
      vehicle.bytes += bytes;
    },
    remove(vehicleId) {
      const vehicle = vehicles.get(vehicleId);
      if (!vehicle) return;
      keep(vehicle);
      days -= vehicle.days.size;
      vehicles.delete(vehicleId);
    },
    keep(vehicleId) {
      const vehicle = vehicles.get(vehicleId);
      if (vehicle) keep(vehicle);
    },
    takeRuns() {
      const { parts, perVehicle } = limits.joinEvery;
      const isTime = fresh >= Math.max(parts, perVehicle * vehicles.size);
      // Not with every commit, so that appends have their share of the disk.
      if (!isTime && !(isBehind && sinceLook >= parts)) return [];
      isBehind = false;
      sinceLook = 0;
      if (isTime) fresh = 0;
      const runs: Run[] = [];
      let leftBytes = limits.maxReadBytes;
      for (const vehicle of vehicles.values()) {
        if (isTime) vehicle.fresh = 0;
        for (const day of vehicle.days.values()) {
          const before = vehicle.bytes;
          const run = runOf(vehicle, day, leftBytes === limits.maxReadBytes ? Infinity : leftBytes, isTime);
          if (!run) continue;
          runs.push(run);
          if (run.middle.length > 0) leftBytes -= before - vehicle.bytes;
        }
      }
      return runs;
    },
    excess(vehicleIds) {
      const found: number[] = [];
      let bytes = 0;
      for (const id of vehicleIds) {
        const its = vehicles.get(id)?.bytes ?? 0;
        const isDue = its > limits.maxBytes || (its > 0 && days > limits.maxDays);
        // So that one commit never makes rows of all vehicles that are full at the same time, as after a long outage.
        if (!isDue || (bytes > 0 && bytes + its > limits.maxBytes)) continue;
        found.push(id);
        bytes += its;
      }
      return found;
    },
  };
}

/** Middle parts of a day that are to be joined, with all that came after them; none where there are too few. */
function tailOf({ middle, small }: Day, { largeFrom, maxMiddle }: PartLimits): Middle[] {
  if (sum(middle, 'count') >= largeFrom) return middle;
  if (middle.length < maxMiddle) return [];
  // Each is joined with what is at least half of it, so that a sample is read and written again a few times and no more.
  let from = middle.length;
  let count = sum(small, 'count');
  do count += (middle[--from] as Middle).count;
  while (from > 0 && (middle[from - 1] as Middle).count <= 2 * count);
  return middle.length - from + small.length > 1 ? middle.slice(from) : [];
}

function sum<Key extends string>(list: readonly Record<Key, number>[], key: Key): number {
  let total = 0;
  for (const one of list) total += one[key];
  return total;
}

function bytesOf(receipts: readonly PartReceipt[]): number {
  let bytes = 0;
  for (const { part } of receipts) bytes += part.length;
  return bytes;
}
