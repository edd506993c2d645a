/** Changes of one vehicle remembered: some seconds of a car at 1 Hz, which a derivation takes milliseconds for. */
const maxChanges = 32;
/** Vehicles remembered; forgetting costs a derivation from raw. */
const maxVehicles = 10_000;

interface Change {
  fromMs: number;
  toMs: number;
}

/**
 * Which stretch of time each of the last writes to a vehicle's samples touched, so that a guard with a range is not
 * broken by samples outside of it. In memory of the one writing thread: after a restart, and after a rolled-back
 * transaction, guards hold only for an unchanged version.
 */
export interface RecentChanges {
  /** Every one, in its order: each raises the version by one. */
  note(vehicleId: number, change: Change): void;
  /** Whether every change after the version `since` up to the latest, `now`, is known and lies outside of the range. */
  allOutside(vehicleId: number, since: number, now: number, range: { fromMs: number; toMs: number }): boolean;
  forget(): void;
}

export function createRecentChanges(): RecentChanges {
  const byVehicle = new Map<number, Change[]>();
  return {
    note(vehicleId, change) {
      let changes = byVehicle.get(vehicleId);
      if (!changes) {
        if (byVehicle.size >= maxVehicles) byVehicle.clear();
        changes = [];
        byVehicle.set(vehicleId, changes);
      }
      changes.push(change);
      if (changes.length > maxChanges) changes.shift();
    },
    allOutside(vehicleId, since, now, { fromMs, toMs }) {
      const known = byVehicle.get(vehicleId) ?? [];
      const count = now - since;
      const after = known.slice(known.length - count);
      return count <= known.length && after.every((change) => change.toMs < fromMs || change.fromMs > toMs);
    },
    forget: () => byVehicle.clear(),
  };
}
