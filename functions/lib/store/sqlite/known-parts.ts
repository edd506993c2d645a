import type { NewReceipt } from './write-receipts.ts';

/** When parts are joined, and when rows are made of them although nobody derives. Tests have smaller ones. */
export interface PartLimits {
  /** A part of fewer samples is joined with others of its vehicle and day. */
  smallBelow: number;
  /**
   * Small parts are joined when that saves so many receipts, and so many for each vehicle: then nobody derives (the broker is
   * off, or far behind), and a part is written again a few times only until it is no longer small.
   */
  joinEvery: { receipts: number; perVehicle: number };
  /** Bytes of small parts remembered at most, because they are joined from memory; beyond it they stay as they are. */
  maxSmallBytes: number;
  /** Bytes of a vehicle in parts at most: to make rows of them takes a quarter of a second, which appends wait for. */
  maxBytes: number;
  /** Vehicle-days with parts at most, because each is remembered. */
  maxDays: number;
}

export const partLimits: PartLimits = {
  smallBelow: 64,
  joinEvery: { receipts: 1_024, perVehicle: 8 },
  maxSmallBytes: 16 * 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  maxDays: 50_000,
};

/** A receipt that carries a part. */
export type PartReceipt = NewReceipt & { part: Uint8Array };

/** Receipts of small parts of one vehicle and day, in their order, that no big one came after. */
export type SmallParts = PartReceipt[];

/** What the writing thread, and it alone, knows of the parts in the file without asking. */
export interface KnownParts {
  has(vehicleId: number): boolean;
  add(receipt: PartReceipt): void;
  /** Parts that are in the file already: what is small of them stays as it is. */
  addStored(vehicleId: number, dayMs: number, bytes: number): void;
  /** Rows were made of them. */
  remove(vehicleId: number): void;
  /** Nothing that is there is joined with anything from now on. */
  keep(vehicleId: number): void;
  /** What is to be joined now, each of several; they are no longer known, but for what they are joined to. */
  takeSmall(): SmallParts[];
  /** Those of these vehicles of which rows are to be made now: of about `maxBytes`, or of one vehicle. */
  excess(vehicleIds: readonly number[]): number[];
}

interface Vehicle {
  bytes: number;
  smallByDay: Map<number, SmallParts>;
}

export function createKnownParts(limits: PartLimits): KnownParts {
  const { smallBelow, joinEvery, maxBytes, maxDays, maxSmallBytes } = limits;
  const vehicles = new Map<number, Vehicle>();
  let days = 0;
  /** Receipts that joining would save. */
  let surplus = 0;
  let smallBytes = 0;

  function smallOf(vehicleId: number, dayMs: number, bytes: number): SmallParts {
    const vehicle = vehicles.get(vehicleId) ?? { bytes: 0, smallByDay: new Map<number, SmallParts>() };
    vehicles.set(vehicleId, vehicle);
    vehicle.bytes += bytes;
    const small = vehicle.smallByDay.get(dayMs);
    if (small) return small;
    days++;
    const none: SmallParts = [];
    vehicle.smallByDay.set(dayMs, none);
    return none;
  }

  function empty(small: SmallParts): SmallParts {
    const all = small.splice(0);
    surplus -= Math.max(0, all.length - 1);
    smallBytes -= bytesOf(all);
    return all;
  }

  function keep(vehicleId: number): void {
    for (const small of vehicles.get(vehicleId)?.smallByDay.values() ?? []) empty(small);
  }

  return {
    has: (vehicleId) => vehicles.has(vehicleId),
    add(receipt) {
      const { vehicleId, dayMs, count, part } = receipt;
      const small = smallOf(vehicleId, dayMs, part.length);
      // What came before a big part, which stays, may not come after it: of samples under one identity the later one wins.
      if (count >= smallBelow) return void empty(small);
      if (small.push(receipt) > 1) surplus++;
      smallBytes += part.length;
      if (smallBytes > maxSmallBytes) for (const id of vehicles.keys()) keep(id);
    },
    addStored(vehicleId, dayMs, bytes) {
      smallOf(vehicleId, dayMs, bytes);
    },
    remove(vehicleId) {
      keep(vehicleId);
      days -= vehicles.get(vehicleId)?.smallByDay.size ?? 0;
      vehicles.delete(vehicleId);
    },
    keep,
    takeSmall() {
      if (surplus < Math.max(joinEvery.receipts, joinEvery.perVehicle * vehicles.size)) return [];
      const taken: SmallParts[] = [];
      for (const vehicle of vehicles.values()) {
        for (const small of vehicle.smallByDay.values()) {
          if (small.length < 2) continue;
          vehicle.bytes -= bytesOf(small);
          taken.push(empty(small));
        }
      }
      return taken;
    },
    excess(vehicleIds) {
      const found: number[] = [];
      let bytes = 0;
      for (const id of vehicleIds) {
        const its = vehicles.get(id)?.bytes ?? 0;
        const isDue = its > maxBytes || (its > 0 && days > maxDays);
        // So that one commit never makes rows of all vehicles that are full at the same time, as after a long outage.
        if (!isDue || (bytes > 0 && bytes + its > maxBytes)) continue;
        found.push(id);
        bytes += its;
      }
      return found;
    },
  };
}

function bytesOf(parts: SmallParts): number {
  let bytes = 0;
  for (const { part } of parts) bytes += part.length;
  return bytes;
}
