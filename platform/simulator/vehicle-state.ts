import type { Motion } from './driver.ts';
import { ambientC, coolantBySecond, type EngineValues, engineValues } from './engine.ts';
import { type Movement, movementAt } from './motion.ts';
import { type Road, type RoadPoint, roadAt } from './road.ts';

/** A trouble code that is stored from one instant until it is cleared. */
export interface CodeSpan {
  code: string;
  fromMs: number;
  toMs: number;
}

/** What a drive begins with. */
export interface StartState {
  odometerKm: number;
  coolantC: number;
  codes: readonly CodeSpan[];
}

/** All there is to know about the car at one instant: the truth that sensors look at. */
export interface VehicleState extends Movement, EngineValues, Omit<RoadPoint, 'atM' | 'bendMps'> {
  atMs: number;
  odometerKm: number;
  fuelLevelPct: number;
  coolantC: number;
  intakeAirC: number;
  ambientC: number;
  barometricKpa: number;
  engineRunTimeS: number;
  /** Stored trouble codes, in order. */
  codes: readonly string[];
}

/** The car's state at any instant of a drive and of the parking after it. */
export function stateOver(road: Road, motion: Motion, start: StartState): (atMs: number) => VehicleState {
  const coolant = coolantBySecond(motion, start.coolantC, ambientC(motion.startMs));
  const runTimes = runTimeBySecond(motion);
  return (atMs) => {
    const movement = movementAt(motion, atMs);
    const place = roadAt(road, movement.distanceM);
    const second = Math.min(coolant.length - 1, Math.max(0, Math.floor((atMs - motion.startMs) / 1_000)));
    const coolantC = coolant[second] ?? start.coolantC;
    const outsideC = ambientC(atMs);
    return {
      ...place,
      ...movement,
      ...engineValues({ ...movement, grade: place.grade, coolantC }),
      atMs,
      odometerKm: start.odometerKm + movement.distanceM / 1_000,
      fuelLevelPct: fuelLevelPct(start.odometerKm, movement.distanceM / 1_000),
      coolantC,
      intakeAirC: outsideC + (coolantC - outsideC) * 0.15,
      ambientC: outsideC,
      // International standard atmosphere near the ground: 12 Pa a metre.
      barometricKpa: 101.3 - 0.012 * place.altitudeM,
      engineRunTimeS: movement.engineOn ? (runTimes[second] ?? 0) : 0,
      codes: start.codes.filter(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs).map(({ code }) => code),
    };
  };
}

/** A tank lasts so far, km, from full to nearly empty, %. */
const tank = { rangeKm: 520, fullPct: 95, usedPct: 78 };

/** Fuel by the way driven since the last filling; filled while parked, so that it never rises within a drive. */
function fuelLevelPct(startKm: number, drivenKm: number): number {
  return tank.fullPct - (tank.usedPct * ((startKm % tank.rangeKm) + drivenKm)) / tank.rangeKm;
}

function runTimeBySecond(motion: Motion): number[] {
  const stepsPerSecond = 1_000 / motion.stepMs;
  const times: number[] = [];
  for (let step = 0, runS = 0; step < motion.engineOn.length; step += stepsPerSecond) {
    runS = motion.engineOn[step] ? runS + 1 : 0;
    times.push(runS);
  }
  return times;
}
