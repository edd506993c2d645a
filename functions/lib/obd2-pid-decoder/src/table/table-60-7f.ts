import type { Field, PidRow } from '../pid-row.ts';
import {
  bitmap,
  celsius,
  celsiusTenths,
  choice,
  flag,
  number,
  percent,
  row,
  set,
  supported,
  torque,
  trim,
} from './fields.ts';
import { LOOP_STATUS, NTE_AREAS } from './words.ts';

/** Byte A says which of the values in the bytes after it are supported, lowest bit first. */
function eachSupported(names: readonly string[], make: (name: string, at: number, bit: number) => Field, size: 1 | 2) {
  return names.map((name, index) => make(name, 1 + index * size, index));
}

const percents = (...names: string[]) => eachSupported(names, (name, at, bit) => percent(name, at, supported(bit)), 1);
const celsiuses = (...names: string[]) => eachSupported(names, (name, at, bit) => celsius(name, at, supported(bit)), 1);
const tenths = (...names: string[]) =>
  eachSupported(names, (name, at, bit) => celsiusTenths(name, at, supported(bit)), 2);
const words = (unit: string, options: { mul?: number; div?: number }, ...names: string[]) =>
  eachSupported(names, (name, at, bit) => number(name, unit, at, 2, { ...options, needs: supported(bit) }), 2);

const BOOST = { div: 32 };
const WIDE_EGR = { mul: 4, add: -40 };

function turboTemperatures(pid: number, turbo: 'A' | 'B'): PidRow {
  return row(pid, `turbo${turbo}Temperatures`, `Turbocharger ${turbo} temperatures`, 7, [
    celsius('compressorInletC', 1, supported(0)),
    celsius('compressorOutletC', 2, supported(1)),
    celsiusTenths('turbineInletC', 3, supported(2)),
    celsiusTenths('turbineOutletC', 5, supported(3)),
  ]);
}

function particulateFilter(pid: number, bank: number): PidRow {
  return row(pid, `particulateFilterPressureBank${bank}`, `Diesel particulate filter pressures, bank ${bank}`, 7, [
    number('filterDeltaKpa', 'kPa', 1, 2, { div: 100, signed: true, needs: supported(0) }),
    number('filterInletKpa', 'kPa', 3, 2, { div: 100, needs: supported(1) }),
    number('filterOutletKpa', 'kPa', 5, 2, { div: 100, needs: supported(2) }),
  ]);
}

/** PIDs 60 to 7F (SAE J1979-DA, ISO 15031-5). */
export const TABLE_60_7F: readonly PidRow[] = [
  bitmap(0x60),
  row(0x61, 'demandTorque', 'Torque demanded by the driver', 1, [torque('demandTorquePct', 0)]),
  row(0x62, 'actualTorque', 'Actual engine torque', 1, [torque('actualTorquePct', 0)]),
  row(0x63, 'referenceTorque', 'Engine reference torque', 2, [number('referenceTorqueNm', 'Nm', 0, 2)]),
  row(
    0x64,
    'torqueCurve',
    'Engine torque at idle (point 1) and at points 2 to 5',
    5,
    [1, 2, 3, 4, 5].map((point) => torque(`torquePoint${point}Pct`, point - 1)),
  ),
  row(0x65, 'auxiliaryStatus', 'Auxiliary inputs and outputs', 2, [
    flag('ptoActive', 1, 0, supported(0)),
    flag('automaticInGear', 1, 1, supported(1)),
    flag('manualInGear', 1, 2, supported(2)),
    flag('glowPlugLampOn', 1, 3, supported(3)),
    number('recommendedGear', 'gear', 1, 1, { shift: 4, width: 4, needs: supported(4) }),
  ]),
  row(0x66, 'massAirFlowSensors', 'Mass air flow sensors', 5, words('g/s', { div: 32 }, 'mafAGps', 'mafBGps')),
  row(0x67, 'coolantTemperatures', 'Engine coolant temperature sensors', 3, celsiuses('coolant1C', 'coolant2C')),
  row(
    0x68,
    'intakeAirTemperatures',
    'Intake air temperature sensors',
    7,
    celsiuses(
      'intakeAirB1S1C',
      'intakeAirB1S2C',
      'intakeAirB1S3C',
      'intakeAirB2S1C',
      'intakeAirB2S2C',
      'intakeAirB2S3C',
    ),
    [3],
  ),
  row(0x69, 'egr', 'Commanded and actual exhaust gas recirculation, and error', 7, [
    percent('commandedEgrAPct', 1, supported(0)),
    percent('actualEgrAPct', 2, supported(1)),
    trim('egrAErrorPct', 3, supported(2)),
    percent('commandedEgrBPct', 4, supported(3)),
    percent('actualEgrBPct', 5, supported(4)),
    trim('egrBErrorPct', 6, supported(5)),
  ]),
  row(
    0x6a,
    'intakeAirFlowControl',
    'Commanded diesel intake air flow control and relative position',
    5,
    percents('commandedAirFlowAPct', 'relativeAirFlowAPct', 'commandedAirFlowBPct', 'relativeAirFlowBPct'),
  ),
  row(0x6b, 'egrTemperatures', 'Exhaust gas recirculation temperatures', 5, [
    ...celsiuses('egrB1S1C', 'egrB1S2C', 'egrB2S1C', 'egrB2S2C'),
    ...['egrB1S1WideC', 'egrB1S2WideC', 'egrB2S1WideC', 'egrB2S2WideC'].map((name, index) =>
      number(name, '°C', index + 1, 1, { ...WIDE_EGR, needs: supported(index + 4) }),
    ),
  ]),
  row(
    0x6c,
    'throttleControl',
    'Commanded throttle actuator control and relative throttle position',
    5,
    percents('commandedThrottleAPct', 'relativeThrottleAPct', 'commandedThrottleBPct', 'relativeThrottleBPct'),
  ),
  row(
    0x6d,
    'fuelPressureControl',
    'Fuel pressure control system',
    11,
    [
      number('commandedFuelRailAKpa', 'kPa', 1, 2, { mul: 10, needs: supported(0) }),
      number('fuelRailAKpa', 'kPa', 3, 2, { mul: 10, needs: supported(1) }),
      celsius('fuelRailAC', 5, supported(2)),
      number('commandedFuelRailBKpa', 'kPa', 6, 2, { mul: 10, needs: supported(3) }),
      number('fuelRailBKpa', 'kPa', 8, 2, { mul: 10, needs: supported(4) }),
      celsius('fuelRailBC', 10, supported(5)),
    ],
    [6],
  ),
  row(
    0x6e,
    'injectionPressureControl',
    'Injection pressure control system',
    9,
    words('kPa', { mul: 10 }, 'commandedInjectionAKpa', 'injectionAKpa', 'commandedInjectionBKpa', 'injectionBKpa'),
    [5],
  ),
  row(0x6f, 'turboInletPressure', 'Turbocharger compressor inlet pressure', 3, [
    number('turboAInletKpa', 'kPa', 1, 1, { needs: supported(0) }),
    number('turboBInletKpa', 'kPa', 2, 1, { needs: supported(1) }),
    number('turboAInletWideKpa', 'kPa', 1, 1, { mul: 8, needs: supported(2) }),
    number('turboBInletWideKpa', 'kPa', 2, 1, { mul: 8, needs: supported(3) }),
  ]),
  row(
    0x70,
    'boostPressureControl',
    'Boost pressure control',
    10,
    [
      number('commandedBoostAKpa', 'kPa', 1, 2, { ...BOOST, needs: supported(0) }),
      number('boostAKpa', 'kPa', 3, 2, { ...BOOST, needs: supported(1) }),
      number('commandedBoostBKpa', 'kPa', 5, 2, { ...BOOST, needs: supported(3) }),
      number('boostBKpa', 'kPa', 7, 2, { ...BOOST, needs: supported(4) }),
      choice('boostAStatus', 9, LOOP_STATUS, { width: 2, needs: supported(2) }),
      choice('boostBStatus', 9, LOOP_STATUS, { shift: 2, width: 2, needs: supported(5) }),
    ],
    [9],
  ),
  row(
    0x71,
    'variableGeometryTurbo',
    'Variable geometry turbocharger control',
    6,
    [
      percent('commandedVgtAPct', 1, supported(0)),
      percent('vgtAPct', 2, supported(1)),
      percent('commandedVgtBPct', 3, supported(3)),
      percent('vgtBPct', 4, supported(4)),
      choice('vgtAStatus', 5, LOOP_STATUS, { width: 2, needs: supported(2) }),
      choice('vgtBStatus', 5, LOOP_STATUS, { shift: 2, width: 2, needs: supported(5) }),
    ],
    [5],
  ),
  row(
    0x72,
    'wastegate',
    'Wastegate control',
    5,
    percents('commandedWastegateAPct', 'wastegateAPct', 'commandedWastegateBPct', 'wastegateBPct'),
  ),
  row(0x73, 'exhaustPressure', 'Exhaust pressure', 5, words('kPa', { div: 100 }, 'exhaustBank1Kpa', 'exhaustBank2Kpa')),
  row(0x74, 'turboSpeed', 'Turbocharger speed', 5, words('rpm', { mul: 10 }, 'turboARpm', 'turboBRpm')),
  turboTemperatures(0x75, 'A'),
  turboTemperatures(0x76, 'B'),
  row(
    0x77,
    'chargeAirCoolerTemperatures',
    'Charge air cooler temperatures',
    5,
    celsiuses('chargeAirB1S1C', 'chargeAirB1S2C', 'chargeAirB2S1C', 'chargeAirB2S2C'),
  ),
  row(
    0x78,
    'exhaustTemperaturesBank1',
    'Exhaust gas temperatures, bank 1, sensors 1 to 4',
    9,
    tenths('exhaust1C', 'exhaust2C', 'exhaust3C', 'exhaust4C'),
  ),
  row(
    0x79,
    'exhaustTemperaturesBank2',
    'Exhaust gas temperatures, bank 2, sensors 1 to 4',
    9,
    tenths('exhaust1C', 'exhaust2C', 'exhaust3C', 'exhaust4C'),
  ),
  particulateFilter(0x7a, 1),
  particulateFilter(0x7b, 2),
  row(
    0x7c,
    'particulateFilterTemperatures',
    'Diesel particulate filter temperatures',
    9,
    tenths('filterBank1InletC', 'filterBank1OutletC', 'filterBank2InletC', 'filterBank2OutletC'),
  ),
  row(0x7d, 'noxNteStatus', 'NOx not-to-exceed control area status', 1, [set('noxNteAreas', 0, NTE_AREAS)]),
  row(0x7e, 'pmNteStatus', 'PM not-to-exceed control area status', 1, [set('pmNteAreas', 0, NTE_AREAS)]),
  row(0x7f, 'totalRunTimes', 'Total engine run time, idle time and time with PTO', 13, [
    number('totalRunTimeS', 's', 1, 4, { needs: supported(0) }),
    number('totalIdleTimeS', 's', 5, 4, { needs: supported(1) }),
    number('totalPtoTimeS', 's', 9, 4, { needs: supported(2) }),
  ]),
];
