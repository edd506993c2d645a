import type { Device } from './device.ts';
import type { DrivePlan, StopWish } from './drive.ts';
import { ambientC, cooled } from './engine.ts';
import { randomFor } from './random.ts';
import { makeRoute, type Route, type RouteKind } from './route.ts';
import { dayMs, driveS, routeCount, type Schedule, slotsOf } from './schedule.ts';
import type { CodeSpan } from './vehicle-state.ts';

/** A car as the fleet lists it: everything it ever does follows from this and the time. */
export interface Car {
  vehicle: string;
  seed: number;
  kind: RouteKind;
  schedule: Schedule;
  devices: readonly Device[];
  /** Chance of a short stop on a drive, tried twice. */
  stopChance: number;
  /** Chance that a drive has a harsh braking. */
  harshChance: number;
  /** Trouble codes come and go in this car; the first is the usual one. */
  codes: readonly string[];
}

/** A drive and the parking after it: legs follow each other without a gap. */
export interface Leg {
  day: number;
  index: number;
  plan: DrivePlan;
}

/** What a car needs for planning, made once: its routes. */
export interface Garage {
  car: Car;
  routes: readonly Route[];
  /** Way driven on any day. */
  dayKm: number;
}

export function openGarage(car: Car): Garage {
  const { seed, vehicle, kind, schedule } = car;
  const random = randomFor(seed, vehicle, 'routes');
  const routes = Array.from({ length: routeCount(schedule) }, (_, number) =>
    makeRoute({ seed, vehicle, kind, number, durationS: random.integer(driveS.shortest, driveS.longest) }),
  );
  const garage = { car, routes, dayKm: 0 };
  const dayKm = waysOf(garage, 0).reduce((sum, { road }) => sum + road.lengthM / 1_000, 0);
  return { ...garage, dayKm };
}

/** The legs of a day, in order of time. Pure, and cheap beside driving them. */
export function planDay(garage: Garage, day: number): Leg[] {
  const { car, dayKm } = garage;
  const ways = waysOf(garage, day);
  const nextStartMs = waysOf(garage, day + 1)[0]?.startMs ?? (day + 1) * dayMs;
  let odometerKm = odometerStartKm(car, day, dayKm);
  return ways.map(({ startMs, road }, index) => {
    const keys = [car.seed, car.vehicle, day, index];
    const random = randomFor(...keys, 'leg');
    // The drive before began this long ago; a good half of that it was parked. Nobody will measure it.
    const parkedS = (startMs - (ways[index - 1]?.startMs ?? startMs - 8 * 3_600_000)) / 1_000 / 2;
    const plan: DrivePlan = {
      keys,
      road,
      startMs,
      untilMs: ways[index + 1]?.startMs ?? nextStartMs,
      devices: car.devices,
      stops: shortStops(car, random),
      harshBrakes: random.chance(car.harshChance) ? 1 : 0,
      start: {
        odometerKm,
        coolantC: cooled(90, ambientC(startMs), parkedS),
        codes: codesOf(car, day * ways.length + index, startMs),
      },
    };
    odometerKm += road.lengthM / 1_000;
    return { day, index, plan };
  });
}

function waysOf({ car, routes }: Pick<Garage, 'car' | 'routes'>, day: number) {
  return slotsOf(car.schedule, day, [car.seed, car.vehicle]).map(({ startMs, route: number }, index) => {
    const route = routes[number];
    if (!route) throw new RangeError(`${car.vehicle} has no route ${number}`);
    return { startMs, road: index % 2 === 0 ? route.there : route.back };
  });
}

/** Day 20,000 since 1970 is in October 2024: cars of the years after that have a plausible odometer. */
function odometerStartKm({ seed, vehicle }: Car, day: number, dayKm: number): number {
  return Math.max(0, day - 20_000) * dayKm + randomFor(seed, vehicle, 'odometer').integer(8_000, 60_000);
}

/**
 * Stops that do not end a trip: a stop of 300 s does, and so does one of 180 s with the ignition off, which pauses at
 * once. Both are kept at a clear distance.
 */
function shortStops({ stopChance }: Car, random: ReturnType<typeof randomFor>): StopWish[] {
  return [random.between(0.2, 0.45), random.between(0.55, 0.8)]
    .filter(() => random.chance(stopChance))
    .map((atPart) => {
      const engineOff = random.chance(0.3);
      return { atPart, engineOff, restS: engineOff ? random.integer(60, 130) : random.integer(40, 230) };
    });
}

/** Trouble comes in fives of drives: set in the second, there in the third, cleared at the start of the fourth. */
function codesOf({ seed, vehicle, codes }: Car, drive: number, startMs: number): CodeSpan[] {
  const [usual, ...others] = codes;
  if (usual === undefined) return [];
  const counted = drive + randomFor(seed, vehicle, 'first trouble').integer(0, 4);
  const random = randomFor(seed, vehicle, 'trouble', Math.floor(counted / 5));
  const code = random.chance(0.6) ? usual : random.pick([usual, ...others]);
  const setMs = startMs + random.integer(300, 900) * 1_000;
  switch (counted % 5) {
    case 1:
      return [{ code, fromMs: setMs, toMs: Infinity }];
    case 2:
      return [{ code, fromMs: -Infinity, toMs: Infinity }];
    case 3:
      return [{ code, fromMs: -Infinity, toMs: startMs + 4_000 }];
    default:
      return [];
  }
}
