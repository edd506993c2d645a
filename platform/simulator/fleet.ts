import type { Car } from './car.ts';
import { type Device, defaultBox } from './device.ts';
import { cycleMs } from './schedule.ts';

/** One of each kind of car and of ways to report; a larger fleet repeats them. */
const profiles: readonly [Profile, ...Profile[]] = [
  // A delivery van in town: short stops, idling, an odometer on its bus.
  {
    kind: 'town',
    devices: [{ ...defaultBox, extras: ['odometerKm', 'fuelRateLph'] }],
    stopChance: 0.8,
    harshChance: 0.3,
    codes: [],
  },
  // A small computer that passes on what the adapter says, trouble codes too.
  {
    kind: 'country',
    devices: [{ ...defaultBox, obd: 'raw', silenceChance: 0.2 }],
    stopChance: 0.2,
    harshChance: 0.2,
    codes: ['P0133', 'P0420'],
  },
  // A long-distance commuter that brakes hard, with decoded values and trouble codes.
  {
    kind: 'motorway',
    devices: [{ ...defaultBox, extras: ['odometerKm'] }],
    stopChance: 0.1,
    harshChance: 0.6,
    codes: ['P0301', 'P0128'],
  },
  // Nothing but a phone: gone in tunnels and while parked, and late where there is no network.
  {
    kind: 'country',
    devices: [phone({ silenceChance: 0.3, offlineChance: 0.7 })],
    stopChance: 0.3,
    harshChance: 0,
    codes: [],
  },
  // A dongle without GPS and a phone, as two devices with clocks of their own.
  {
    kind: 'motorway',
    devices: [
      { ...defaultBox, id: 'dongle', gps: false, extras: ['fuelRateLph'] },
      phone({ silenceChance: 0.1, offlineChance: 0.4 }),
    ],
    stopChance: 0.2,
    harshChance: 0,
    codes: ['P0171'],
  },
];
type Profile = Pick<Car, 'kind' | 'devices' | 'stopChance' | 'harshChance' | 'codes'>;

/**
 * Cars `demo-1`, `demo-2`, … that drive day and night. Their cycles are spread evenly: of five or more cars, at least
 * two drive at any moment.
 */
export function demoCars(count: number = profiles.length, seed: number = 1): Car[] {
  return Array.from({ length: count }, (_, index) => ({
    ...(profiles[index % profiles.length] ?? profiles[0]),
    vehicle: `demo-${index + 1}`,
    seed,
    schedule: { kind: 'always', phaseMs: Math.round((index * cycleMs) / count / 1_000) * 1_000 },
  }));
}

/** Cars `office-1`, … that drive by day, as people do: to work and back, and an errand. */
export function officeCars(count: number, seed: number = 1): Car[] {
  return Array.from({ length: count }, (_, index) => ({
    ...(profiles[index % profiles.length] ?? profiles[0]),
    vehicle: `office-${index + 1}`,
    seed,
    schedule: { kind: 'office' },
  }));
}

function phone(chances: Pick<Device, 'silenceChance' | 'offlineChance'>): Device {
  return { ...defaultBox, id: 'phone', obd: 'none', phaseMs: 437, heartbeatS: 0, ...chances };
}
