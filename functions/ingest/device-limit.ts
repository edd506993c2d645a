import type { VehicleSamples } from '../lib/telemetry/sample.ts';
import { IngestRefusal } from './refusal.ts';

/** Devices of one vehicle in a day: a box, a phone of each driver, and what is being tried out. */
const maxDevices = 32;
/** Vehicles remembered; the oldest goes, which at worst lets it begin anew. */
const maxVehicles = 50_000;
const dayMs = 86_400_000;

/**
 * Bounds the devices of a vehicle, because each is a series of its own in InfluxDB (decisions/0009). In memory of this
 * process, by UTC day: `ingest` may not read the store.
 */
export interface DeviceLimit {
  /** Throws IngestRefusal (`invalid-sample`) when the samples would bring in one too many. */
  check(groups: readonly VehicleSamples[], nowMs: number): void;
}

export function createDeviceLimit(): DeviceLimit {
  let seen = new Map<string, Set<string>>();
  let seenDay = 0;
  return {
    check(groups, nowMs) {
      const day = Math.floor(nowMs / dayMs);
      if (day !== seenDay) {
        seen = new Map();
        seenDay = day;
      }
      for (const { vehicle, samples } of groups) {
        let devices = seen.get(vehicle);
        if (!devices) {
          if (seen.size >= maxVehicles) seen.delete(seen.keys().next().value as string);
          devices = new Set();
          seen.set(vehicle, devices);
        }
        let last = '';
        for (const { device } of samples) {
          if (device === last || devices.has(device)) continue;
          last = device;
          if (devices.size >= maxDevices) throw refusal(vehicle);
          devices.add(device);
        }
      }
    },
  };
}

function refusal(vehicle: string): IngestRefusal {
  const detail = `${vehicle} has reported from ${maxDevices} devices today; another is refused`;
  return new IngestRefusal('invalid-sample', detail, [{ code: 'too-many-devices', detail }]);
}
