import type { Field, Need } from '../pid-row.ts';
import { flag } from './fields.ts';

const COMMON = ['misfire', 'fuelSystem', 'components'];
const SPARK = [
  'catalyst',
  'heatedCatalyst',
  'evaporativeSystem',
  'secondaryAir',
  'gasolineParticulateFilter',
  'oxygenSensor',
  'oxygenSensorHeater',
  'egrVvt',
];
// Bits 2 and 4 are reserved for compression ignition.
const COMPRESSION = [
  'nmhcCatalyst',
  'noxScr',
  undefined,
  'boostPressure',
  undefined,
  'exhaustGasSensor',
  'particulateFilter',
  'egrVvtDiesel',
];

/**
 * Bytes B to D of PIDs 01 and 41: which monitors there are (`suffix`: Supported or Enabled) and which are
 * complete. Bytes C and D mean other monitors on a compression-ignition engine (bit B3), and a monitor's
 * completeness is given only where the monitor exists.
 */
export function readinessFields(suffix: 'Supported' | 'Enabled'): readonly Field[] {
  const fields: Field[] = [flag('compressionIgnition', 1, 3)];
  for (const [bit, monitor] of COMMON.entries()) {
    fields.push(flag(`${monitor}${suffix}`, 1, bit), flag(`${monitor}Complete`, 1, bit + 4, [[1, bit, 1]], true));
  }
  for (const [monitors, engine] of [
    [SPARK, 0],
    [COMPRESSION, 1],
  ] as const) {
    const ofEngine: Need = [1, 3, engine];
    for (const [bit, monitor] of monitors.entries()) {
      if (monitor === undefined) continue;
      fields.push(
        flag(`${monitor}${suffix}`, 2, bit, [ofEngine]),
        flag(`${monitor}Complete`, 3, bit, [ofEngine, [2, bit, 1]], true),
      );
    }
  }
  return fields;
}
