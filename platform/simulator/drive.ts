import type { Device } from './device.ts';
import { drive, type Motion, type PlannedStop } from './driver.ts';
import { endMsOf } from './motion.ts';
import { planOutages } from './outages.ts';
import { randomFor } from './random.ts';
import { reportTimes } from './report-times.ts';
import type { Road } from './road.ts';
import { type Observation, observe } from './sensors.ts';
import { type TripTruth, tripsOf } from './truth.ts';
import { type StartState, stateOver, type VehicleState } from './vehicle-state.ts';

/** A stop, before it is known where on the road there is room for it. */
export interface StopWish {
  /** Part of the way, 0 to 1. */
  atPart: number;
  restS: number;
  /** Parked with the engine off, else idling. */
  engineOff: boolean;
}

export interface DrivePlan {
  /** Keys of all randomness in this drive. */
  keys: readonly (string | number)[];
  road: Road;
  startMs: number;
  /** Devices report up to, not including, this instant: the start of the next drive. */
  untilMs: number;
  devices: readonly Device[];
  stops: readonly StopWish[];
  harshBrakes: number;
  start: StartState;
}

export interface SimulatedDrive {
  motion: Motion;
  stateAt: (atMs: number) => VehicleState;
  /** Of all devices, in order of time. */
  observations: readonly Observation[];
  trips: readonly TripTruth[];
}

/** Drives the plan: the movement first, then what each device makes of it, then the truth about it. */
export function simulatePlan(plan: DrivePlan): SimulatedDrive {
  const { keys, road, startMs, untilMs, devices, start } = plan;
  const motion = planMotion(plan);
  const stateAt = stateOver(road, motion, start);
  const observations = devices
    .flatMap((device, index) => {
      const random = randomFor(...keys, 'device', index);
      const outages = planOutages(device, motion, randomFor(...keys, 'outages', index));
      const times = reportTimes(device, motion, startMs, untilMs);
      return observe({ device, times, stateAt, outages, random });
    })
    .sort((a, b) => a.atMs - b.atMs);
  return { motion, stateAt, observations, trips: tripsOf(observations, motion, start.codes) };
}

/** The movement alone, for who does not need the devices. Throws RangeError if the drive ends after `untilMs`. */
export function planMotion({ keys, road, startMs, untilMs, stops, harshBrakes }: DrivePlan): Motion {
  const random = randomFor(...keys, 'driver');
  const warmUpS = random.integer(8, 25);
  const harshAtM = Array.from({ length: harshBrakes }, () => random.between(0.15, 0.85) * road.lengthM);
  const motion = drive({
    road,
    startMs,
    warmUpS,
    stops: placeStops(road, stops),
    harshAtM: harshAtM.sort((a, b) => a - b),
    random,
  });
  if (endMsOf(motion) > untilMs) throw new RangeError(`the drive of ${keys.join('/')} ends after ${untilMs}`);
  return motion;
}

/** Nobody stops nearer than this to the ends of the road, a light or another stop, m. */
const roomM = 60;

/** Puts each stop at the next place with town speed and room; a stop that finds none is left out. */
function placeStops(road: Road, wishes: readonly StopWish[]): PlannedStop[] {
  const placed: PlannedStop[] = [];
  for (const { atPart, restS, engineOff } of [...wishes].sort((a, b) => a.atPart - b.atPart)) {
    const taken = [0, road.lengthM, ...road.lights.map(({ atM }) => atM), ...placed.map(({ atM }) => atM)];
    const place = road.points.find(
      ({ atM, limitKmh, tunnel }) =>
        atM >= Math.max(atPart * road.lengthM, placed.at(-1)?.atM ?? 0) &&
        limitKmh <= 50 &&
        !tunnel &&
        taken.every((other) => Math.abs(other - atM) >= roomM),
    );
    if (place) placed.push({ atM: place.atM, restS, engineOff });
  }
  return placed;
}
