import type { PidRow } from '../pid-row.ts';
import { bitmap, celsius, choice, code, flag, number, percent, row, set, trim } from './fields.ts';
import { readinessFields } from './readiness.ts';
import { FUEL_SYSTEM_STATUS, OBD_STANDARD, SECONDARY_AIR } from './words.ts';

// FF instead of a trim says that the sensor is not used for trim calculation, so the highest trim is FE.
const TRIM_NOT_USED = { mul: 100, div: 128, add: -100, absent: 0xff, max: 98.4375 };

function oxygenSensor(pid: number): PidRow {
  const sensor = pid - 0x13;
  return row(pid, `oxygenSensor${sensor}`, `Oxygen sensor ${sensor}: voltage and short term fuel trim`, 2, [
    number('oxygenSensorV', 'V', 0, 1, { div: 200 }),
    number('shortFuelTrimPct', '%', 1, 1, TRIM_NOT_USED),
  ]);
}

/** PIDs 00 to 1F (SAE J1979-DA, ISO 15031-5). */
export const TABLE_00_1F: readonly PidRow[] = [
  bitmap(0x00),
  row(0x01, 'monitorStatus', 'Status since trouble codes were cleared', 4, [
    flag('milOn', 0, 7),
    number('dtcCount', 'count', 0, 1, { width: 7 }),
    ...readinessFields('Supported'),
  ]),
  row(0x02, 'freezeFrameCode', 'Trouble code that caused the freeze frame', 2, [code('freezeFrameCode', 0)]),
  row(0x03, 'fuelSystemStatus', 'Fuel system status', 2, [
    choice('fuelSystem1', 0, FUEL_SYSTEM_STATUS),
    choice('fuelSystem2', 1, FUEL_SYSTEM_STATUS),
  ]),
  row(0x04, 'engineLoad', 'Calculated engine load', 1, [percent('engineLoadPct', 0)]),
  row(0x05, 'coolantTemperature', 'Engine coolant temperature', 1, [celsius('coolantC', 0)]),
  row(
    0x06,
    'shortFuelTrimBank1',
    'Short term fuel trim, bank 1 (and 3)',
    1,
    [trim('shortFuelTrimPct', 0), trim('shortFuelTrimBank3Pct', 1)],
    [2],
  ),
  row(
    0x07,
    'longFuelTrimBank1',
    'Long term fuel trim, bank 1 (and 3)',
    1,
    [trim('longFuelTrimPct', 0), trim('longFuelTrimBank3Pct', 1)],
    [2],
  ),
  row(
    0x08,
    'shortFuelTrimBank2',
    'Short term fuel trim, bank 2 (and 4)',
    1,
    [trim('shortFuelTrimBank2Pct', 0), trim('shortFuelTrimBank4Pct', 1)],
    [2],
  ),
  row(
    0x09,
    'longFuelTrimBank2',
    'Long term fuel trim, bank 2 (and 4)',
    1,
    [trim('longFuelTrimBank2Pct', 0), trim('longFuelTrimBank4Pct', 1)],
    [2],
  ),
  row(0x0a, 'fuelPressure', 'Fuel pressure (gauge)', 1, [number('fuelPressureKpa', 'kPa', 0, 1, { mul: 3 })]),
  row(0x0b, 'manifoldPressure', 'Intake manifold absolute pressure', 1, [number('manifoldKpa', 'kPa', 0, 1)]),
  row(0x0c, 'engineSpeed', 'Engine speed', 2, [number('engineRpm', 'rpm', 0, 2, { div: 4 })]),
  row(0x0d, 'vehicleSpeed', 'Vehicle speed', 1, [number('speedKmh', 'km/h', 0, 1)]),
  row(0x0e, 'timingAdvance', 'Timing advance of cylinder 1, before top dead centre', 1, [
    number('timingAdvanceDeg', '°', 0, 1, { div: 2, add: -64 }),
  ]),
  row(0x0f, 'intakeAirTemperature', 'Intake air temperature', 1, [celsius('intakeAirC', 0)]),
  row(0x10, 'massAirFlow', 'Mass air flow rate', 2, [number('mafGps', 'g/s', 0, 2, { div: 100 })]),
  row(0x11, 'throttlePosition', 'Absolute throttle position', 1, [percent('throttlePct', 0)]),
  row(0x12, 'secondaryAirStatus', 'Commanded secondary air status', 1, [choice('secondaryAir', 0, SECONDARY_AIR)]),
  row(0x13, 'oxygenSensorsPresent2Banks', 'Oxygen sensors present, two banks', 1, [
    set('oxygenSensors', 0, ['b1s1', 'b1s2', 'b1s3', 'b1s4', 'b2s1', 'b2s2', 'b2s3', 'b2s4']),
  ]),
  ...[0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b].map(oxygenSensor),
  row(0x1c, 'obdStandard', 'OBD requirements the vehicle is certified to', 1, [choice('obdStandard', 0, OBD_STANDARD)]),
  row(0x1d, 'oxygenSensorsPresent4Banks', 'Oxygen sensors present, four banks', 1, [
    set('oxygenSensors', 0, ['b1s1', 'b1s2', 'b2s1', 'b2s2', 'b3s1', 'b3s2', 'b4s1', 'b4s2']),
  ]),
  row(0x1e, 'auxiliaryInput', 'Auxiliary input status', 1, [flag('ptoActive', 0, 0)]),
  row(0x1f, 'engineRunTime', 'Time since engine start', 2, [number('engineRunTimeS', 's', 0, 2)]),
];
