import type { PidRow } from '../pid-row.ts';
import { bitmap, celsiusTenths, lambda, number, percent, row, trim } from './fields.ts';

function oxygenSensorVoltage(pid: number): PidRow {
  const sensor = pid - 0x23;
  return row(pid, `oxygenSensor${sensor}Voltage`, `Oxygen sensor ${sensor}: lambda and voltage (wide range)`, 4, [
    lambda('oxygenSensorLambda', 0),
    number('oxygenSensorV', 'V', 2, 2, { mul: 8, div: 65536 }),
  ]);
}

function oxygenSensorCurrent(pid: number): PidRow {
  const sensor = pid - 0x33;
  return row(pid, `oxygenSensor${sensor}Current`, `Oxygen sensor ${sensor}: lambda and current (wide range)`, 4, [
    lambda('oxygenSensorLambda', 0),
    number('oxygenSensorMa', 'mA', 2, 2, { div: 256, add: -128 }),
  ]);
}

function catalyst(pid: number, bank: number, sensor: number): PidRow {
  return row(pid, `catalystTemperatureB${bank}S${sensor}`, `Catalyst temperature, bank ${bank}, sensor ${sensor}`, 2, [
    celsiusTenths('catalystC', 0),
  ]);
}

/** PIDs 20 to 3F (SAE J1979-DA, ISO 15031-5). */
export const TABLE_20_3F: readonly PidRow[] = [
  bitmap(0x20),
  row(0x21, 'distanceWithMil', 'Distance travelled with the malfunction lamp on', 2, [
    number('distanceWithMilKm', 'km', 0, 2),
  ]),
  row(0x22, 'fuelRailPressureRelative', 'Fuel rail pressure relative to manifold vacuum', 2, [
    number('fuelRailKpa', 'kPa', 0, 2, { mul: 79, div: 1000 }),
  ]),
  row(0x23, 'fuelRailPressureGauge', 'Fuel rail pressure (gauge)', 2, [
    number('fuelRailKpa', 'kPa', 0, 2, { mul: 10 }),
  ]),
  ...[0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b].map(oxygenSensorVoltage),
  row(0x2c, 'commandedEgr', 'Commanded exhaust gas recirculation', 1, [percent('commandedEgrPct', 0)]),
  row(0x2d, 'egrError', 'Exhaust gas recirculation error', 1, [trim('egrErrorPct', 0)]),
  row(0x2e, 'commandedEvaporativePurge', 'Commanded evaporative purge', 1, [percent('evaporativePurgePct', 0)]),
  row(0x2f, 'fuelLevel', 'Fuel tank level', 1, [percent('fuelLevelPct', 0)]),
  row(0x30, 'warmUpsSinceClear', 'Warm-ups since codes were cleared', 1, [number('warmUpsSinceClear', 'count', 0, 1)]),
  row(0x31, 'distanceSinceClear', 'Distance since codes were cleared', 2, [number('distanceSinceClearKm', 'km', 0, 2)]),
  row(0x32, 'evaporativePressure', 'Evaporative system vapour pressure', 2, [
    number('evaporativePressurePa', 'Pa', 0, 2, { div: 4, signed: true }),
  ]),
  row(0x33, 'barometricPressure', 'Absolute barometric pressure', 1, [number('barometricKpa', 'kPa', 0, 1)]),
  ...[0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b].map(oxygenSensorCurrent),
  catalyst(0x3c, 1, 1),
  catalyst(0x3d, 2, 1),
  catalyst(0x3e, 1, 2),
  catalyst(0x3f, 2, 2),
];
