import type { PidRow } from '../pid-row.ts';
import { bitmap, celsius, choice, lambda, number, percent, row, trim } from './fields.ts';
import { readinessFields } from './readiness.ts';
import { EMISSION_REQUIREMENT, FUEL_TYPE } from './words.ts';

function secondaryTrim(pid: number, term: 'short' | 'long', bank: 1 | 2): PidRow {
  const Term = term === 'short' ? 'Short' : 'Long';
  return row(
    pid,
    `${term}SecondaryTrimBank${bank}`,
    `${Term} term secondary oxygen sensor trim, banks ${bank} and ${bank + 2}`,
    2,
    [trim(`secondaryTrimBank${bank}Pct`, 0), trim(`secondaryTrimBank${bank + 2}Pct`, 1)],
    [1],
  );
}

/** PIDs 40 to 5F (SAE J1979-DA, ISO 15031-5). */
export const TABLE_40_5F: readonly PidRow[] = [
  bitmap(0x40),
  row(0x41, 'monitorStatusThisCycle', 'Monitor status of this driving cycle', 4, readinessFields('Enabled')),
  row(0x42, 'controlModuleVoltage', 'Control module voltage', 2, [number('batteryV', 'V', 0, 2, { div: 1000 })]),
  row(0x43, 'absoluteLoad', 'Absolute load', 2, [number('absoluteLoadPct', '%', 0, 2, { mul: 100, div: 255 })]),
  row(0x44, 'commandedLambda', 'Commanded equivalence ratio', 2, [lambda('commandedLambda', 0)]),
  row(0x45, 'relativeThrottle', 'Relative throttle position', 1, [percent('relativeThrottlePct', 0)]),
  row(0x46, 'ambientTemperature', 'Ambient air temperature', 1, [celsius('ambientC', 0)]),
  row(0x47, 'throttleB', 'Absolute throttle position B', 1, [percent('throttleBPct', 0)]),
  row(0x48, 'throttleC', 'Absolute throttle position C', 1, [percent('throttleCPct', 0)]),
  row(0x49, 'pedalD', 'Accelerator pedal position D', 1, [percent('pedalDPct', 0)]),
  row(0x4a, 'pedalE', 'Accelerator pedal position E', 1, [percent('pedalEPct', 0)]),
  row(0x4b, 'pedalF', 'Accelerator pedal position F', 1, [percent('pedalFPct', 0)]),
  row(0x4c, 'commandedThrottle', 'Commanded throttle actuator', 1, [percent('commandedThrottlePct', 0)]),
  row(0x4d, 'timeWithMil', 'Time run with the malfunction lamp on', 2, [number('timeWithMilMin', 'min', 0, 2)]),
  row(0x4e, 'timeSinceClear', 'Time since codes were cleared', 2, [number('timeSinceClearMin', 'min', 0, 2)]),
  row(0x4f, 'maximumValues1', 'Maximum values of lambda, oxygen sensors and manifold pressure', 4, [
    number('maximumLambda', 'ratio', 0, 1),
    number('maximumOxygenSensorV', 'V', 1, 1),
    number('maximumOxygenSensorMa', 'mA', 2, 1),
    number('maximumManifoldKpa', 'kPa', 3, 1, { mul: 10 }),
  ]),
  row(0x50, 'maximumValues2', 'Maximum value of the mass air flow', 4, [
    number('maximumMafGps', 'g/s', 0, 1, { mul: 10 }),
  ]),
  row(0x51, 'fuelType', 'Fuel type', 1, [choice('fuelType', 0, FUEL_TYPE)]),
  row(0x52, 'ethanol', 'Ethanol in the fuel', 1, [percent('ethanolPct', 0)]),
  row(0x53, 'evaporativePressureAbsolute', 'Absolute evaporative system vapour pressure', 2, [
    number('evaporativePressureKpa', 'kPa', 0, 2, { div: 200 }),
  ]),
  row(0x54, 'evaporativePressureWide', 'Evaporative system vapour pressure (wide range)', 2, [
    number('evaporativePressurePa', 'Pa', 0, 2, { signed: true }),
  ]),
  secondaryTrim(0x55, 'short', 1),
  secondaryTrim(0x56, 'long', 1),
  secondaryTrim(0x57, 'short', 2),
  secondaryTrim(0x58, 'long', 2),
  row(0x59, 'fuelRailPressureAbsolute', 'Fuel rail pressure (absolute)', 2, [
    number('fuelRailKpa', 'kPa', 0, 2, { mul: 10 }),
  ]),
  row(0x5a, 'relativePedal', 'Relative accelerator pedal position', 1, [percent('relativePedalPct', 0)]),
  row(0x5b, 'hybridBattery', 'Hybrid battery pack remaining charge', 1, [percent('hybridBatteryPct', 0)]),
  row(0x5c, 'oilTemperature', 'Engine oil temperature', 1, [number('oilC', '°C', 0, 1, { add: -40, max: 210 })]),
  row(0x5d, 'injectionTiming', 'Fuel injection timing, before top dead centre', 2, [
    number('injectionTimingDeg', '°', 0, 2, { div: 128, add: -210 }),
  ]),
  row(0x5e, 'fuelRate', 'Engine fuel rate', 2, [number('fuelRateLph', 'l/h', 0, 2, { div: 20, max: 3212.75 })]),
  row(0x5f, 'emissionRequirement', 'Emission requirements the vehicle is designed to', 1, [
    choice('emissionRequirement', 0, EMISSION_REQUIREMENT),
  ]),
];
