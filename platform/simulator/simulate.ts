import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { type Car, openGarage, planDay } from './car.ts';
import { type Device, defaultBox } from './device.ts';
import { type SimulatedDrive, type StopWish, simulatePlan } from './drive.ts';
import { makeRoute, type RouteKind } from './route.ts';
import { dayAt } from './schedule.ts';
import type { TripTruth } from './truth.ts';

/** What a car reported, in order of time, and what was true. */
export interface Simulation {
  samples: ReportedSample[];
  trips: TripTruth[];
}

export interface DriveOptions {
  seed: number;
  vehicle: string;
  startMs: number;
  kind: RouteKind;
  /** Which of the vehicle's routes; the destinations of a kind are taken in turn. */
  route?: number;
  /** How long it should take, s, about; 25 minutes unless given. */
  durationS?: number;
  devices?: readonly Device[];
  stops?: readonly StopWish[];
  harshBrakes?: number;
  /** Codes that are stored from and until so many seconds after the start. */
  codes?: readonly { code: string; fromS: number; toS: number }[];
}

/** Devices report until so long after the start, ms: longer than any drive with its heartbeats. */
const driveWindowMs = 6 * 3_600_000;

/** One drive from the depot, with the parking after it. */
export function simulateDrive(options: DriveOptions): Simulation {
  const { seed, vehicle, startMs, kind, route = 0, durationS = 1_500, devices = [defaultBox] } = options;
  const drive = simulatePlan({
    keys: [seed, vehicle, startMs],
    road: makeRoute({ seed, vehicle, kind, number: route, durationS }).there,
    startMs,
    untilMs: startMs + driveWindowMs,
    devices,
    stops: options.stops ?? [],
    harshBrakes: options.harshBrakes ?? 0,
    start: {
      odometerKm: 20_000,
      coolantC: 15,
      codes: (options.codes ?? []).map(({ code, fromS, toS }) => ({
        code,
        fromMs: startMs + fromS * 1_000,
        toMs: startMs + toS * 1_000,
      })),
    },
  });
  return joined([drive]);
}

/** The car's day that holds this instant, 24 hours of it. */
export function simulateDay(car: Car, atMs: number): Simulation {
  const legs = planDay(openGarage(car), dayAt(car.schedule, atMs));
  return joined(legs.map(({ plan }) => simulatePlan(plan)));
}

function joined(drives: readonly SimulatedDrive[]): Simulation {
  return {
    samples: drives.flatMap(({ observations }) => observations.map(({ sample }) => sample)),
    trips: drives.flatMap(({ trips }) => trips),
  };
}
