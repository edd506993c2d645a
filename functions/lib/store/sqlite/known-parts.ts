/** When parts are joined, and when rows are made of them although nobody derives. Tests have smaller ones. */
export interface PartLimits {
  /** A part of fewer samples is joined with others of its vehicle and day. */
  smallBelow: number;
  /**
   * Small parts are joined when that saves so many receipts, and so many for each vehicle: then nobody derives (the broker is
   * off, or far behind), and a part is written again a few times only until it is no longer small.
   */
  joinEvery: { receipts: number; perVehicle: number };
  /** Bytes of a vehicle in parts at most: to make rows of them takes a quarter of a second, which appends wait for. */
  maxBytes: number;
  /** Vehicle-days with parts at most, because each is remembered. */
  maxDays: number;
}

export const partLimits: PartLimits = {
  smallBelow: 64,
  joinEvery: { receipts: 1_024, perVehicle: 8 },
  maxBytes: 8 * 1024 * 1024,
  maxDays: 50_000,
};

interface VehicleDay {
  vehicleId: number;
  dayMs: number;
}

/** The receipts, by their ids and in their order, of small parts of a vehicle and day that no big one came after. */
export interface SmallParts extends VehicleDay {
  ids: number[];
}

/** What the writing thread, and it alone, knows of the parts in the file without asking. */
export interface KnownParts {
  has(vehicleId: number): boolean;
  /** @param smallId the id of its receipt where the part is small and may be joined with those before it */
  add(part: VehicleDay & { bytes: number }, smallId?: number): void;
  /** Rows were made of them. */
  remove(vehicleId: number): void;
  /** What is to be joined now. */
  joinable(): SmallParts[];
  /** What is left of them when they have been joined, and how many bytes fewer that is. */
  setJoined(small: SmallParts, savedBytes: number): void;
  /** Those of these vehicles of which rows are to be made now: of about `maxBytes`, or of one vehicle. */
  excess(vehicleIds: readonly number[]): number[];
}

export function createKnownParts({ joinEvery, maxBytes, maxDays }: PartLimits): KnownParts {
  const vehicles = new Map<number, { bytes: number; smallByDay: Map<number, number[]> }>();
  let days = 0;
  /** Receipts that joining would save. */
  let surplus = 0;

  return {
    has: (vehicleId) => vehicles.has(vehicleId),
    add({ vehicleId, dayMs, bytes }, smallId) {
      const vehicle = vehicles.get(vehicleId) ?? { bytes: 0, smallByDay: new Map<number, number[]>() };
      vehicles.set(vehicleId, vehicle);
      vehicle.bytes += bytes;
      const ids = vehicle.smallByDay.get(dayMs) ?? [];
      if (!vehicle.smallByDay.has(dayMs)) days++;
      vehicle.smallByDay.set(dayMs, ids);
      surplus -= surplusOf(ids);
      // What came before a big part, which stays, may not come after it: of samples under one identity the later one wins.
      if (smallId === undefined) ids.length = 0;
      else ids.push(smallId);
      surplus += surplusOf(ids);
    },
    remove(vehicleId) {
      const { smallByDay } = vehicles.get(vehicleId) ?? { smallByDay: new Map<number, number[]>() };
      for (const ids of smallByDay.values()) surplus -= surplusOf(ids);
      days -= smallByDay.size;
      vehicles.delete(vehicleId);
    },
    joinable() {
      if (surplus < Math.max(joinEvery.receipts, joinEvery.perVehicle * vehicles.size)) return [];
      const found: SmallParts[] = [];
      for (const [vehicleId, { smallByDay }] of vehicles) {
        for (const [dayMs, ids] of smallByDay) if (ids.length > 1) found.push({ vehicleId, dayMs, ids });
      }
      return found;
    },
    setJoined({ vehicleId, dayMs, ids }, savedBytes) {
      const vehicle = vehicles.get(vehicleId);
      if (!vehicle) return;
      surplus += surplusOf(ids) - surplusOf(vehicle.smallByDay.get(dayMs) ?? []);
      vehicle.smallByDay.set(dayMs, ids);
      vehicle.bytes -= savedBytes;
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

const surplusOf = (ids: readonly number[]) => Math.max(0, ids.length - 1);
