import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAnswer } from '../../functions/lib/obd2-pid-decoder/src/index.ts';
import type { Signal } from './ecu.ts';
import { rawAnswers, rawCodes, rawMonitorStatus } from './raw-obd.ts';

/** Range and resolution of each signal on the bus (SAE J1979). */
const ranges: Record<Signal, [min: number, max: number, step: number]> = {
  speedKmh: [0, 255, 1],
  engineRpm: [0, 16_383, 0.25],
  engineLoadPct: [0, 100, 100 / 255],
  throttlePct: [0, 100, 100 / 255],
  mafGps: [0, 655, 0.01],
  fuelRateLph: [0, 3_000, 0.05],
  odometerKm: [0, 400_000, 0.1],
  coolantC: [-40, 215, 1],
  intakeAirC: [-40, 215, 1],
  manifoldKpa: [0, 255, 1],
  timingAdvanceDeg: [-64, 63, 0.5],
  engineRunTimeS: [0, 65_535, 1],
  fuelLevelPct: [0, 100, 100 / 255],
  barometricKpa: [0, 255, 1],
  batteryV: [0, 65, 0.001],
  ambientC: [-40, 215, 1],
};

test.each(Object.entries(ranges))('%s decodes back to its true value within half a step', (name, [min, max, step]) => {
  fc.assert(
    fc.property(fc.double({ min, max, noNaN: true }), (value) => {
      const [line = ''] = rawAnswers({ [name]: value });
      const [message] = decodeAnswer(line).messages;
      const decoded =
        message?.kind === 'values' ? message.values.find((field) => field.name === name)?.value : undefined;
      expect(Math.abs(Number(decoded) - value)).toBeLessThanOrEqual(step / 2 + 1e-9);
    }),
  );
});

test.each([[[]], [['P0133']], [['P0133', 'C1234']], [['P0133', 'P0420', 'U0100']]])('codes %j decode back', (codes) => {
  const { messages, errors } = decodeAnswer(rawCodes(codes).join('\r'));
  expect(errors).toEqual([]);
  expect(messages.flatMap((message) => (message.kind === 'codes' ? message.codes : []))).toEqual(codes);
});

test('the monitor status says whether the lamp is on, and for how many codes', () => {
  const [message] = decodeAnswer(rawMonitorStatus(['P0133', 'P0420'])).messages;
  const values = message?.kind === 'values' ? message.values : [];
  expect(values.find(({ name }) => name === 'milOn')?.value).toBe(true);
  expect(values.find(({ name }) => name === 'dtcCount')?.value).toBe(2);
});

test('what no bus could say is a mistake of the simulator and no text', () => {
  expect(() => rawAnswers({ speedKmh: 300 })).toThrow(RangeError);
});
