import type { Motion } from './driver.ts';

/** What moves or rests the engine at one moment. */
export interface Demand {
  engineOn: boolean;
  speedMps: number;
  accelMps2: number;
  /** Rise of the road, m/m. */
  grade: number;
  coolantC: number;
}

/** What the engine control unit would say, unrounded. Units are in the names. */
export interface EngineValues {
  engineRpm: number;
  engineLoadPct: number;
  throttlePct: number;
  mafGps: number;
  manifoldKpa: number;
  timingAdvanceDeg: number;
  fuelRateLph: number;
  batteryV: number;
}

/** A compact petrol car. */
const car = {
  massKg: 1_350,
  /** Rolling resistance, and half of density · drag coefficient · area, kg/m. */
  rolling: 0.011,
  drag: 0.39,
  maxPowerKw: 90,
  maxPowerRpm: 5_800,
  idleRpm: 800,
  efficiency: 0.33,
};

/** Gears: used below this speed, km/h, with so many rpm per km/h. */
const gears = [
  [15, 130],
  [32, 75],
  [50, 50],
  [72, 37],
  [98, 29.5],
  [Infinity, 24],
] as const;

/** Energy of petrol, kJ/g, its density, g/l, and the air that burns a gram of it, g (stoichiometric). */
const petrol = { energyKjPerG: 43, densityGpl: 745, airRatio: 14.7 };
const gravityMps2 = 9.81;

const off: EngineValues = {
  engineRpm: 0,
  engineLoadPct: 0,
  throttlePct: 0,
  mafGps: 0,
  manifoldKpa: 101,
  timingAdvanceDeg: 0,
  fuelRateLph: 0,
  batteryV: 12.5,
};

/** The engine's values from the forces on the car: power, then fuel, then air. */
export function engineValues({ engineOn, speedMps, accelMps2, grade, coolantC }: Demand): EngineValues {
  if (!engineOn) return off;
  const speedKmh = speedMps * 3.6;
  const rpmPerKmh = gears.find(([below]) => speedKmh < below)?.[1] ?? 24;
  // A cold engine idles faster.
  const idleRpm = car.idleRpm + Math.max(0, 60 - coolantC) * 5;
  const engineRpm = Math.max(idleRpm, speedKmh * rpmPerKmh);

  const forceN =
    car.massKg * (accelMps2 + gravityMps2 * grade) +
    (speedMps > 0 ? car.massKg * gravityMps2 * car.rolling : 0) +
    car.drag * speedMps ** 2;
  const powerKw = Math.max(0, (forceN * speedMps) / 1_000);
  const availableKw = car.maxPowerKw * Math.min(1, engineRpm / car.maxPowerRpm);
  const engineLoadPct = Math.min(98, 18 + (80 * powerKw) / availableKw);

  // Rolling against the engine, the injectors are shut; the pistons still draw a little air.
  const coasting = forceN < 0 && speedKmh > 20;
  const frictionGps = (0.16 * engineRpm) / car.idleRpm;
  const fuelGps = coasting ? 0 : frictionGps + powerKw / (car.efficiency * petrol.energyKjPerG);
  return {
    engineRpm,
    engineLoadPct,
    throttlePct: coasting ? 10 : 12 + 0.7 * (engineLoadPct - 18),
    mafGps: coasting ? (1.6 * engineRpm) / car.idleRpm : fuelGps * petrol.airRatio,
    manifoldKpa: coasting ? 22 : 24 + 0.75 * engineLoadPct,
    timingAdvanceDeg: coasting ? 4 : 32 - 0.25 * engineLoadPct,
    fuelRateLph: (fuelGps * 3_600) / petrol.densityGpl,
    batteryV: 14.3 - (0.3 * engineLoadPct) / 100,
  };
}

/** The thermostat holds this, °C. */
const warmC = 90;

/**
 * Coolant temperature by second of a drive, °C: warms the faster the more there is to do, and cools while the engine
 * is off. The last value holds for the time after the drive's end.
 */
export function coolantBySecond(motion: Motion, startC: number, ambientC: number): number[] {
  const stepsPerSecond = 1_000 / motion.stepMs;
  const temperatures: number[] = [];
  let coolantC = startC;
  for (let step = 0; step < motion.speedMps.length; step += stepsPerSecond) {
    temperatures.push(coolantC);
    const heating = 0.06 + 0.004 * (motion.speedMps[step] ?? 0);
    coolantC = motion.engineOn[step] ? Math.min(warmC, coolantC + heating) : cooled(coolantC, ambientC, 1);
  }
  return temperatures;
}

/** Coolant after so many seconds with the engine off, °C. */
export function cooled(coolantC: number, ambientC: number, seconds: number): number {
  return ambientC + (coolantC - ambientC) * Math.exp(-seconds / 5_400);
}

/** Air temperature outside by the season and the hour, °C: about 1 in January, 18 in July, ±4 over a day. */
export function ambientC(atMs: number): number {
  const dayMs = 86_400_000;
  const yearPart = (atMs / (365.25 * dayMs)) % 1;
  const dayPart = (atMs % dayMs) / dayMs;
  return 9.5 - 8.5 * Math.cos(2 * Math.PI * (yearPart - 0.05)) - 4 * Math.cos(2 * Math.PI * (dayPart - 0.1));
}
