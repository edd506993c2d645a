import { describe, expect, test } from 'vitest';
import type { PidValue } from './answer.ts';
import { decodeAnswer } from './decode-answer.ts';

/** The values of the only message of an answer, by name. */
function values(text: string): Record<string, PidValue['value']> {
  const { messages, errors } = decodeAnswer(text);
  expect(errors).toEqual([]);
  expect(messages).toHaveLength(1);
  const message = messages[0];
  if (message?.kind !== 'values') throw new Error('no values');
  return Object.fromEntries(message.values.map(({ name, value }) => [name, value]));
}

describe('published values of mode 01', () => {
  test.each<[string, string, number | boolean | string]>([
    ['41 04 33', 'engineLoadPct', 20],
    ['41 05 7B', 'coolantC', 83],
    ['41 05 00', 'coolantC', -40],
    ['41 06 80', 'shortFuelTrimPct', 0],
    ['41 07 00', 'longFuelTrimPct', -100],
    ['41 0A FF', 'fuelPressureKpa', 765],
    ['41 0B 65', 'manifoldKpa', 101],
    ['41 0C 1A F8', 'engineRpm', 1726],
    ['41 0C FF FF', 'engineRpm', 16383.75],
    ['41 0D 32', 'speedKmh', 50],
    ['41 0E 80', 'timingAdvanceDeg', 0],
    ['41 0F 46', 'intakeAirC', 30],
    ['41 10 01 F4', 'mafGps', 5],
    ['41 11 FF', 'throttlePct', 100],
    ['41 12 02', 'secondaryAir', 'downstream'],
    ['41 14 5A 80', 'oxygenSensorV', 0.45],
    ['41 1C 06', 'obdStandard', 'EOBD'],
    ['41 1E 01', 'ptoActive', true],
    ['41 1F 02 58', 'engineRunTimeS', 600],
    ['41 21 01 00', 'distanceWithMilKm', 256],
    ['41 22 FF FF', 'fuelRailKpa', 5177.265],
    ['41 24 80 00 20 00', 'oxygenSensorLambda', 1],
    ['41 24 80 00 20 00', 'oxygenSensorV', 1],
    ['41 2F 80', 'fuelLevelPct', 12800 / 255],
    ['41 31 30 39', 'distanceSinceClearKm', 12345],
    ['41 32 FF FC', 'evaporativePressurePa', -1],
    ['41 33 65', 'barometricKpa', 101],
    ['41 34 80 00 80 00', 'oxygenSensorMa', 0],
    ['41 3C 11 30', 'catalystC', 400],
    ['41 42 36 B0', 'batteryV', 14],
    ['41 43 00 FF', 'absoluteLoadPct', 100],
    ['41 44 80 00', 'commandedLambda', 1],
    ['41 46 41', 'ambientC', 25],
    ['41 4F 02 08 80 19', 'maximumManifoldKpa', 250],
    ['41 51 04', 'fuelType', 'diesel'],
    ['41 54 80 00', 'evaporativePressurePa', -32768],
    ['41 5B FF', 'hybridBatteryPct', 100],
    ['41 5C 82', 'oilC', 90],
    ['41 5D 69 00', 'injectionTimingDeg', 0],
    ['41 5E 00 64', 'fuelRateLph', 5],
    ['41 62 C8', 'actualTorquePct', 75],
    ['41 63 01 2C', 'referenceTorqueNm', 300],
    ['41 66 01 01 40 00 00', 'mafAGps', 10],
    ['41 74 02 00 00 27 10', 'turboBRpm', 100000],
    ['41 78 01 0F A0 00 00 00 00 00 00', 'exhaust1C', 360],
    ['41 7A 01 FF 9C 00 00 00 00', 'filterDeltaKpa', -1],
    ['41 7F 01 00 01 51 80 00 00 00 00 00 00 00 00', 'totalRunTimeS', 86400],
    ['41 9A 06 00 5A 00 FF F6', 'hybridBatteryV', 360],
    ['41 9A 06 00 5A 00 FF F6', 'hybridBatteryA', -1],
    ['41 9D 00 32 00 64', 'engineFuelRateGps', 1],
    ['41 A4 02 00 03 E8', 'gearRatio', 1],
    ['41 A6 00 12 D6 87', 'odometerKm', 123456.7],
    ['41 A6 FF FF FF FF', 'odometerKm', 429496729.5],
  ])('%s is %s %s', (text, name, expected) => {
    const actual = values(text)[name];
    if (typeof expected === 'number') expect(actual).toBeCloseTo(expected, 9);
    else expect(actual).toBe(expected);
  });
});

test('the malfunction lamp, the code count and the monitors of a petrol engine', () => {
  const status = values('41 01 81 07 65 04');
  expect(status).toMatchObject({
    milOn: true,
    dtcCount: 1,
    compressionIgnition: false,
    misfireSupported: true,
    misfireComplete: true,
    evaporativeSystemSupported: true,
    evaporativeSystemComplete: false,
    egrVvtSupported: false,
  });
  expect(status).not.toHaveProperty('egrVvtComplete');
  expect(status).not.toHaveProperty('particulateFilterSupported');
});

test('the monitors of a diesel engine', () => {
  const status = values('41 01 00 0F CB 80');
  expect(status).toMatchObject({ milOn: false, compressionIgnition: true, particulateFilterSupported: true });
  expect(status).toMatchObject({ particulateFilterComplete: true, egrVvtDieselComplete: false });
  expect(status).not.toHaveProperty('catalystSupported');
});

test('the published bitmap BE 1F A8 13', () => {
  expect(values('41 00 BE 1F A8 13').supportedPids).toEqual([
    1, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 19, 21, 28, 31, 32,
  ]);
});

test('a sensor that is not used for trim has a voltage alone', () => {
  expect(values('41 15 B4 FF')).toEqual({ oxygenSensorV: 0.9 });
});

test('banks 3 and 4 are there when the answer holds them', () => {
  expect(values('41 06 80')).toEqual({ shortFuelTrimPct: 0 });
  expect(values('41 06 80 00')).toEqual({ shortFuelTrimPct: 0, shortFuelTrimBank3Pct: -100 });
});

test('a value that the ECU does not support is left out', () => {
  expect(values('41 67 01 7B 00')).toEqual({ coolant1C: 83 });
});

test('the frame number of mode 02', () => {
  expect(decodeAnswer('42 0C 00 1A F8').messages).toEqual([
    {
      kind: 'values',
      mode: 2,
      pid: 0x0c,
      frame: 0,
      name: 'engineSpeed',
      values: [{ name: 'engineRpm', value: 1726, unit: 'rpm' }],
    },
  ]);
  expect(values('42 02 00 01 33')).toEqual({ freezeFrameCode: 'P0133' });
  expect(values('42 02 00 00 00')).toEqual({});
});

test('units are those of the table', () => {
  const units = decodeAnswer('41 0D 32 05 7B 42 36 B0').messages.flatMap((message) =>
    message.kind === 'values' ? message.values.map(({ unit }) => unit) : [],
  );
  expect(units).toEqual(['km/h', '°C', 'V']);
});
