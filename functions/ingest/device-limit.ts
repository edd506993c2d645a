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
      // All are counted before any is remembered: what is refused must not take the place of what comes after it.
      const fresh = groups.map(({ vehicle, samples }) => {
        const devices = newDevices(samples, seen.get(vehicle));
        if (devices.size > 0 && devices.size + (seen.get(vehicle)?.size ?? 0) > maxDevices) throw refusal(vehicle);
        return devices;
      });
      for (const [i, { vehicle }] of groups.entries()) {
        const devices = seen.get(vehicle);
        if (devices) for (const device of fresh[i] as Set<string>) devices.add(device);
        else {
          if (seen.size >= maxVehicles) seen.delete(seen.keys().next().value as string);
          seen.set(vehicle, fresh[i] as Set<string>);
        }
      }
    },
  };
}

function newDevices(samples: VehicleSamples['samples'], known: ReadonlySet<string> | undefined): Set<string> {
  const devices = new Set<string>();
  let last = '';
  for (const { device } of samples) {
    if (device !== last && !known?.has(device)) devices.add(device);
    last = device;
  }
  return devices;
}

function refusal(vehicle: string): IngestRefusal {
  const detail = `${vehicle} has reported from ${maxDevices} devices today; another is refused`;
  return new IngestRefusal('invalid-sample', detail, [{ code: 'too-many-devices', detail }]);
}
