import { rounded } from './rounded.ts';
import type { VehicleState } from './vehicle-state.ts';

/** What the car's bus can be asked for: PID of mode 01, and decimals that a decoded value keeps. */
export const signals = {
  speedKmh: { pid: 0x0d, decimals: 0 },
  engineRpm: { pid: 0x0c, decimals: 0 },
  engineLoadPct: { pid: 0x04, decimals: 1 },
  throttlePct: { pid: 0x11, decimals: 1 },
  mafGps: { pid: 0x10, decimals: 2 },
  fuelRateLph: { pid: 0x5e, decimals: 2 },
  odometerKm: { pid: 0xa6, decimals: 1 },
  coolantC: { pid: 0x05, decimals: 0 },
  intakeAirC: { pid: 0x0f, decimals: 0 },
  manifoldKpa: { pid: 0x0b, decimals: 0 },
  timingAdvanceDeg: { pid: 0x0e, decimals: 1 },
  engineRunTimeS: { pid: 0x1f, decimals: 0 },
  fuelLevelPct: { pid: 0x2f, decimals: 1 },
  barometricKpa: { pid: 0x33, decimals: 0 },
  batteryV: { pid: 0x42, decimals: 2 },
  ambientC: { pid: 0x46, decimals: 0 },
} as const;

export type Signal = keyof typeof signals;
export type SignalValues = Partial<Record<Signal, number>>;

/** Asked for with every sample. */
export const fastSignals = ['speedKmh', 'engineRpm', 'engineLoadPct', 'throttlePct', 'mafGps'] as const;
/** Asked for every ten seconds: they change slowly, and a bus answers few questions a second. */
export const slowSignals = [
  'coolantC',
  'intakeAirC',
  'manifoldKpa',
  'timingAdvanceDeg',
  'engineRunTimeS',
  'fuelLevelPct',
  'barometricKpa',
  'batteryV',
  'ambientC',
] as const;

/** True values of these signals, unrounded. */
export function signalValues(state: VehicleState, names: readonly Signal[]): SignalValues {
  return Object.fromEntries(
    names.map((name) => [name, name === 'speedKmh' ? state.speedMps * 3.6 : state[name]]),
  ) as SignalValues;
}

/** The values as a dongle reports them: with the resolution of the bus, the speed in whole km/h. */
export function decodedFields(values: SignalValues): SignalValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, rounded(value, signals[name as Signal].decimals)]),
  ) as SignalValues;
}
