import { isGreen } from './lights.ts';
import type { Random } from './random.ts';
import { type Road, stretchAt } from './road.ts';

/** A stop on the way that was planned. */
export interface PlannedStop {
  /** m from the start of the road. */
  atM: number;
  restS: number;
  /** Parked with the engine off, else idling. */
  engineOff: boolean;
}

/** A moment of braking or accelerating harder than comfort allows. */
export interface HarshEvent {
  kind: 'braking';
  atMs: number;
  peakMps2: number;
}

export interface Journey {
  road: Road;
  startMs: number;
  /** Engine on before the first move, s. */
  warmUpS: number;
  stops: readonly PlannedStop[];
  /** Where the driver should brake hard, m; done at the next place that is fast enough and far enough from the last. */
  harshAtM: readonly number[];
  random: Random;
}

/** What the car did, as values at every step from startMs on; in between, acceleration is constant. */
export interface Motion {
  startMs: number;
  stepMs: number;
  /** m since the start. */
  distanceM: readonly number[];
  /** m/s. */
  speedMps: readonly number[];
  engineOn: readonly boolean[];
  harsh: readonly HarshEvent[];
}

const stepMs = 250;
const stepS = stepMs / 1_000;

/** Acceleration limits, m/s². */
const limits = {
  /** At a standstill; falls with speed, as the engine's power does. */
  start: 2,
  /** Braking before a stop, a bend or a lower limit that was seen in time. */
  comfort: 1.7,
  /** Braking for a light that just turned red; below what counts as harsh. */
  firm: 2.8,
  harsh: 6.5,
};
/** A driver brakes hard from at least this speed, loses so much of it in two seconds, and does not stop, m/s. */
const harshFromMps = 11;
const harshLossMps = 13;
const harshToMps = 1.5;
/** And only so long after the last time, since one that follows at once is a part of the same event, s. */
const harshSpacingS = 10;
/** Cars wait so far before a light, m. */
const lightGapM = 2;
/** Nearer than this to where it wants to stop, a car is there, m. */
const arrivedM = 0.3;

/**
 * Drives a road from engine start to engine stop: longitudinal kinematics with limited acceleration, in steps of 250
 * ms.
 */
export function drive(journey: Journey): Motion {
  const { road, startMs, random } = journey;
  const profile = speedProfile(road, random);
  const distanceM: number[] = [];
  const speedMps: number[] = [];
  const engineOn: boolean[] = [];
  const harsh: HarshEvent[] = [];
  let s = 0;
  let v = 0;
  const record = (engine: boolean) => {
    distanceM.push(s);
    speedMps.push(v);
    engineOn.push(engine);
  };
  const rest = (seconds: number, engine: boolean) => {
    for (let steps = Math.round(seconds / stepS); steps > 0; steps--) record(engine);
  };

  const stops = [...journey.stops, { atM: road.lengthM - 1, restS: random.integer(5, 20), engineOff: false }];
  const braking = [...journey.harshAtM];
  let brakesToMps: number | undefined;
  let light = 0;
  rest(journey.warmUpS, true);
  for (const stop of stops) {
    while (!(v === 0 && stop.atM - s <= arrivedM)) {
      record(true);
      const nowMs = startMs + (distanceM.length - 1) * stepMs;
      while ((road.lights[light]?.atM ?? Infinity) - lightGapM < s) light++;
      const goalM = Math.min(stop.atM, redLightM(road, light, s, v, nowMs));
      const wish = Math.min(profile(s + v * stepS), approachMps(goalM - s - v * stepS));

      const brakeM = braking[0];
      const sinceHarshS = (nowMs - (harsh.at(-1)?.atMs ?? -Infinity)) / 1_000;
      if (brakeM !== undefined && s >= brakeM && v >= harshFromMps && sinceHarshS >= harshSpacingS) {
        braking.shift();
        brakesToMps = Math.max(harshToMps, v - harshLossMps);
        harsh.push({ kind: 'braking', atMs: nowMs, peakMps2: limits.harsh });
      }
      if (brakesToMps !== undefined && v <= brakesToMps) brakesToMps = undefined;
      const strongest = limits.start * (1 - v / 60);
      const a =
        brakesToMps !== undefined ? -limits.harsh : Math.max(-limits.firm, Math.min(strongest, (wish - v) / stepS));
      const next = Math.max(0, v + a * stepS);
      s += ((v + next) / 2) * stepS;
      v = next;
    }
    rest(stop.restS, !stop.engineOff);
  }
  record(false);
  return { startMs, stepMs, distanceM, speedMps, engineOn, harsh };
}

/**
 * How fast one may be at each place: limits and bends, seen early enough to brake in comfort, and the driver's mood.
 */
function speedProfile(road: Road, random: Random): (atM: number) => number {
  const phases = [random.between(0, 6), random.between(0, 6)] as const;
  const allowed = road.points.map(({ atM, limitKmh, bendMps }) => {
    const mood = 0.95 + 0.05 * Math.sin(atM / 700 + phases[0]) + 0.03 * Math.sin(atM / 190 + phases[1]);
    return Math.min((limitKmh / 3.6) * mood, bendMps);
  });
  for (let i = allowed.length - 2; i >= 0; i--) {
    const lengthM = (road.points[i + 1]?.atM ?? 0) - (road.points[i]?.atM ?? 0);
    const latest = Math.sqrt((allowed[i + 1] ?? 0) ** 2 + 2 * limits.comfort * lengthM);
    allowed[i] = Math.min(allowed[i] ?? 0, latest);
  }
  return (atM) => {
    const index = stretchAt(road, atM);
    const here = allowed[index] ?? 0;
    // Slower from the next point on: brake evenly until there. Faster: not before it.
    const there = Math.min(here, allowed[index + 1] ?? here);
    const from = road.points[index]?.atM ?? 0;
    const lengthM = (road.points[index + 1]?.atM ?? from) - from;
    const part = lengthM > 0 ? Math.min(1, (atM - from) / lengthM) : 0;
    return Math.sqrt(here ** 2 + part * (there ** 2 - here ** 2));
  };
}

/** Where to stop for the next light, if it is red and there is room left to stop; else nowhere. */
function redLightM(road: Road, index: number, atM: number, mps: number, nowMs: number): number {
  const next = road.lights[index];
  if (!next || isGreen(next.light, nowMs)) return Infinity;
  const lineM = next.atM - lightGapM;
  return mps ** 2 / (2 * Math.max(0.01, lineM - atM)) <= limits.firm ? lineM - 1 : Infinity;
}

/** Speed from which one comes to rest in comfort within this distance, m/s. */
function approachMps(distanceM: number): number {
  return distanceM <= arrivedM ? 0 : Math.sqrt(2 * limits.comfort * (distanceM - arrivedM / 2));
}
