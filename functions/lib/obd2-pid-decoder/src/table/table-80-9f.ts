import type { Field, PidRow } from '../pid-row.ts';
import {
  bitmap,
  celsius,
  celsiusTenths,
  choice,
  flag,
  number,
  opaque,
  percent,
  raw,
  row,
  set,
  supported,
  torque,
} from './fields.ts';
import { INDUCEMENT_STATUS, MI_DISPLAY, MI_MODE, SCR_REASONS } from './words.ts';

/** Five emission-increasing devices with two timers each. */
function deviceRunTimes(pid: number, first: number): PidRow {
  const values: Field[] = [];
  for (let index = 0; index < 5; index++) {
    for (const timer of [1, 2]) {
      const at = 1 + index * 8 + (timer - 1) * 4;
      values.push(number(`device${first + index}Timer${timer}S`, 's', at, 4, { needs: supported(index) }));
    }
  }
  const description = `Engine run time with emission-increasing devices ${first} to ${first + 4} active`;
  return row(pid, `deviceRunTimes${first}`, description, 41, values);
}

/** Concentration and lambda of four wide-range sensors. */
function wideOxygenSensors(pid: number, sensors: readonly string[]): PidRow {
  return row(pid, `oxygenSensorsWide${sensors[0]}`, `Oxygen sensors (wide range) ${sensors.join(', ')}`, 17, [
    ...sensors.map((sensor, index) =>
      number(`oxygen${sensor}Pct`, '%', 1 + index * 2, 2, { mul: 100, div: 65535, needs: supported(index) }),
    ),
    ...sensors.map((sensor, index) =>
      number(`lambda${sensor}`, 'ratio', 9 + index * 2, 2, { mul: 8, div: 65536, needs: supported(index + 4) }),
    ),
  ]);
}

function exhaustTemperatures(pid: number, bank: number): PidRow {
  const description = `Exhaust gas temperatures, bank ${bank}, sensors 5 to 8`;
  return row(
    pid,
    `exhaustTemperaturesBank${bank}Sensors5To8`,
    description,
    9,
    [5, 6, 7, 8].map((sensor, index) => celsiusTenths(`exhaust${sensor}C`, 1 + index * 2, supported(index))),
  );
}

function particulateSensor(sensor: string, at: number, bit: number): readonly Field[] {
  return [
    flag(`pm${sensor}Active`, at, 0, supported(bit)),
    flag(`pm${sensor}Regenerating`, at, 1, supported(bit)),
    number(`pm${sensor}OutputPct`, '%', at + 1, 2, { div: 100, signed: true, needs: supported(bit + 1) }),
  ];
}

const CLOSED_LOOPS = ['fuelPressure', 'injectionQuantity', 'injectionTiming', 'idleBalance'];

/** PIDs 80 to 9F (SAE J1979-DA, ISO 27145-2 for 90 to 94). */
export const TABLE_80_9F: readonly PidRow[] = [
  bitmap(0x80),
  deviceRunTimes(0x81, 1),
  deviceRunTimes(0x82, 6),
  row(
    0x83,
    'noxSensors',
    'NOx sensor concentrations',
    9,
    ['B1S1', 'B1S2', 'B2S1', 'B2S2'].map((sensor, index) =>
      number(`nox${sensor}Ppm`, 'ppm', 1 + index * 2, 2, { needs: supported(index) }),
    ),
  ),
  row(0x84, 'manifoldSurfaceTemperature', 'Manifold surface temperature', 1, [celsius('manifoldSurfaceC', 0)]),
  row(0x85, 'noxReagent', 'NOx reagent system', 10, [
    number('reagentRateLph', 'l/h', 1, 2, { div: 200, needs: supported(0) }),
    number('reagentDemandLph', 'l/h', 3, 2, { div: 200, needs: supported(1) }),
    percent('reagentLevelPct', 5, supported(2)),
    number('noxWarningTimeS', 's', 6, 4, { needs: supported(3) }),
  ]),
  row(0x86, 'particulateSensors', 'Particulate matter sensors', 5, [
    number('pmB1S1MgM3', 'mg/m³', 1, 2, { div: 80, needs: supported(0) }),
    number('pmB2S1MgM3', 'mg/m³', 3, 2, { div: 80, needs: supported(1) }),
  ]),
  row(0x87, 'manifoldPressures', 'Intake manifold absolute pressures', 5, [
    number('manifoldAKpa', 'kPa', 1, 2, { div: 32, needs: supported(0) }),
    number('manifoldBKpa', 'kPa', 3, 2, { div: 32, needs: supported(1) }),
  ]),
  row(0x88, 'scrInducement', 'SCR inducement system and its history per 10,000 km block', 13, [
    flag('scrInducementActive', 0, 7),
    set('scrReasons', 0, SCR_REASONS),
    set('scrReasonsBlock1', 1, SCR_REASONS),
    set('scrReasonsBlock2', 1, SCR_REASONS, 4),
    set('scrReasonsBlock3', 2, SCR_REASONS),
    set('scrReasonsBlock4', 2, SCR_REASONS, 4),
    number('scrInducedBlock1Km', 'km', 3, 2),
    number('scrTravelledBlock1Km', 'km', 5, 2),
    number('scrInducedBlock2Km', 'km', 7, 2),
    number('scrInducedBlock3Km', 'km', 9, 2),
    number('scrInducedBlock4Km', 'km', 11, 2),
  ]),
  deviceRunTimes(0x89, 11),
  deviceRunTimes(0x8a, 16),
  row(0x8b, 'dieselAftertreatment', 'Diesel aftertreatment status', 7, [
    flag('filterRegenerating', 1, 0, supported(0)),
    flag('filterRegenerationForced', 1, 1, supported(1)),
    flag('noxAdsorberRegenerating', 1, 2, supported(2)),
    flag('noxAdsorberDesulfurizing', 1, 3, supported(3)),
    percent('filterRegenerationTriggerPct', 2, supported(4)),
    number('filterRegenerationIntervalMin', 'min', 3, 2, { needs: supported(5) }),
    number('filterRegenerationIntervalKm', 'km', 5, 2, { needs: supported(6) }),
  ]),
  wideOxygenSensors(0x8c, ['B1S1', 'B1S2', 'B2S1', 'B2S2']),
  row(0x8d, 'throttleG', 'Absolute throttle position G', 1, [percent('throttleGPct', 0)]),
  row(0x8e, 'frictionTorque', 'Engine friction torque', 1, [torque('frictionTorquePct', 0)]),
  row(0x8f, 'particulateSensorStatus', 'Particulate matter sensor status and output', 7, [
    ...particulateSensor('B1S1', 1, 0),
    ...particulateSensor('B2S1', 4, 2),
  ]),
  row(0x90, 'wwhVehicle', 'WWH-OBD vehicle information', 3, [
    choice('miDisplay', 0, MI_DISPLAY, { width: 2 }),
    choice('miMode', 0, MI_MODE, { shift: 2, width: 4 }),
    flag('monitorsComplete', 0, 6, [], true),
    number('continuousMiH', 'h', 1, 2),
  ]),
  row(0x91, 'wwhEcu', 'WWH-OBD ECU information', 5, [
    choice('miMode', 0, MI_MODE, { width: 4 }),
    number('continuousMiH', 'h', 1, 2),
    number('highestB1H', 'h', 3, 2),
  ]),
  row(
    0x92,
    'fuelSystemControl',
    'Closed loop status of fuel system controls',
    2,
    [1, 2].flatMap((system) =>
      CLOSED_LOOPS.map((control, index) => {
        const bit = (system - 1) * 4 + index;
        return flag(`${control}${system}ClosedLoop`, 1, bit, supported(bit));
      }),
    ),
  ),
  row(0x93, 'wwhCounters', 'WWH-OBD vehicle counters', 3, [
    number('cumulativeMiH', 'h', 1, 2, { needs: supported(0) }),
  ]),
  row(0x94, 'noxInducement', 'NOx warning and inducement system', 12, [
    flag('noxWarningActive', 1, 0, supported(0)),
    ...[1, 2, 3].map((level) =>
      choice(`inducementLevel${level}`, 1, INDUCEMENT_STATUS, { shift: level * 2 - 1, width: 2, needs: supported(0) }),
    ),
    number('reagentQualityH', 'h', 2, 2, { needs: supported(1) }),
    number('reagentConsumptionH', 'h', 4, 2, { needs: supported(2) }),
    number('dosingActivityH', 'h', 6, 2, { needs: supported(3) }),
    number('egrValveH', 'h', 8, 2, { needs: supported(4) }),
    number('monitoringSystemH', 'h', 10, 2, { needs: supported(5) }),
  ]),
  opaque(0x95, 'reserved95', 'Reserved'),
  opaque(0x96, 'reserved96', 'Reserved'),
  opaque(0x97, 'reserved97', 'Reserved'),
  exhaustTemperatures(0x98, 1),
  exhaustTemperatures(0x99, 2),
  // The meaning of byte B (charging state) differs between published descriptions.
  row(0x9a, 'hybridBatterySystem', 'Hybrid/EV battery system', 6, [
    raw(1, 1, 'chargingStateRaw'),
    number('hybridBatteryV', 'V', 2, 2, { div: 64, needs: supported(1) }),
    number('hybridBatteryA', 'A', 4, 2, { div: 10, signed: true, needs: supported(2) }),
  ]),
  row(0x9b, 'exhaustFluidSensor', 'Diesel exhaust fluid sensor', 4, [
    raw(0, 3, 'exhaustFluidRaw'),
    percent('exhaustFluidLevelPct', 3),
  ]),
  wideOxygenSensors(0x9c, ['B1S3', 'B1S4', 'B2S3', 'B2S4']),
  row(0x9d, 'fuelRateMass', 'Engine and vehicle fuel rate by mass', 4, [
    number('engineFuelRateGps', 'g/s', 0, 2, { div: 50 }),
    number('vehicleFuelRateGps', 'g/s', 2, 2, { div: 50 }),
  ]),
  row(0x9e, 'exhaustFlow', 'Engine exhaust flow rate', 2, [number('exhaustFlowKgh', 'kg/h', 0, 2, { div: 5 })]),
  opaque(0x9f, 'fuelSystemUse', 'Use of fuel systems A and B per bank', 9),
];
