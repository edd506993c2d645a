import type { PidRow } from '../pid-row.ts';
import { bitmap, flag, number, opaque, percent, raw, row, supported } from './fields.ts';

const hex = (pid: number): string => pid.toString(16).toUpperCase();

/** Assigned after the editions whose text could be compared, or still reserved. */
function unpublished(from: number, to: number): readonly PidRow[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const pid = from + index;
    return opaque(pid, `reserved${hex(pid)}`, 'Reserved, or layout not published');
  });
}

/** PIDs A0 to C4 (SAE J1979-DA). */
export const TABLE_A0_C4: readonly PidRow[] = [
  bitmap(0xa0),
  row(
    0xa1,
    'noxSensorsCorrected',
    'NOx sensor concentrations, corrected',
    9,
    ['B1S1', 'B1S2', 'B2S1', 'B2S2'].map((sensor, index) =>
      number(`noxCorrected${sensor}Ppm`, 'ppm', 1 + index * 2, 2, { needs: supported(index) }),
    ),
  ),
  row(0xa2, 'cylinderFuelRate', 'Cylinder fuel rate', 2, [
    number('cylinderFuelMgStroke', 'mg/stroke', 0, 2, { div: 32 }),
  ]),
  opaque(0xa3, 'evaporativePressures', 'Evaporative system vapour pressures', 9),
  // Byte B holds the gear; its coding differs between published descriptions.
  row(0xa4, 'transmissionGear', 'Transmission actual gear', 4, [
    raw(1, 1, 'gearRaw'),
    number('gearRatio', 'ratio', 2, 2, { div: 1000, needs: supported(1) }),
  ]),
  row(0xa5, 'exhaustFluidDosing', 'Commanded diesel exhaust fluid dosing', 4, [
    number('exhaustFluidDosingPct', '%', 1, 1, { div: 2, needs: supported(0) }),
    raw(2, 2, 'exhaustFluidUseRaw'),
  ]),
  row(0xa6, 'odometer', 'Odometer', 4, [number('odometerKm', 'km', 0, 4, { div: 10 })]),
  // Published with 4 and with 9 bytes: the rest of the answer is taken, as a wrong length would misread what follows.
  opaque(0xa7, 'noxSensors34', 'NOx sensor concentrations, sensors 3 and 4'),
  opaque(0xa8, 'noxSensors34Corrected', 'NOx sensor concentrations, corrected, sensors 3 and 4'),
  row(0xa9, 'absDisableSwitch', 'ABS disable switch state', 4, [flag('absDisabled', 1, 0, supported(0))]),
  row(0xaa, 'speedLimit', 'Vehicle speed limit set', 1, [number('speedLimitKmh', 'km/h', 0, 1)]),
  ...unpublished(0xab, 0xb1),
  row(0xb2, 'tractionBatteryHealth', 'Traction battery state of health', 1, [percent('tractionBatteryHealthPct', 0)]),
  ...unpublished(0xb3, 0xbf),
  bitmap(0xc0),
  ...unpublished(0xc1, 0xc2),
  opaque(0xc3, 'fuelLevels', 'Fuel level inputs A and B', 2),
  opaque(0xc4, 'particulateControlDiagnostics', 'Exhaust particulate control system diagnostic time and count', 8),
];
