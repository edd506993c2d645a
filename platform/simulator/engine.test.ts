import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportedSampleSchema } from '../../functions/lib/telemetry/sample.ts';
import { ambientC, cooled, engineValues } from './engine.ts';

const demand = { engineOn: true, speedMps: 0, accelMps2: 0, grade: 0, coolantC: 90 };

test('idles at 800 rpm and under a litre an hour when warm, faster when cold', () => {
  const warm = engineValues(demand);
  expect(warm.engineRpm).toBe(800);
  expect(warm.fuelRateLph).toBeGreaterThan(0.4);
  expect(warm.fuelRateLph).toBeLessThan(1);
  expect(engineValues({ ...demand, coolantC: 0 }).engineRpm).toBeGreaterThan(1_000);
});

test('burns 5 to 9 litres on 100 km at steady motorway speed, and nothing while coasting in gear', () => {
  const { fuelRateLph } = engineValues({ ...demand, speedMps: 120 / 3.6 });
  expect((fuelRateLph / 120) * 100).toBeGreaterThan(5);
  expect((fuelRateLph / 120) * 100).toBeLessThan(9);
  expect(engineValues({ ...demand, speedMps: 20, accelMps2: -1.5 }).fuelRateLph).toBe(0);
});

test('turns and draws nothing when it is off', () => {
  expect(engineValues({ ...demand, engineOn: false })).toMatchObject({ engineRpm: 0, mafGps: 0, fuelRateLph: 0 });
});

test('every value stays within the bounds of the schema, whatever the driver does', () => {
  fc.assert(
    fc.property(
      fc.record({
        engineOn: fc.boolean(),
        speedMps: fc.double({ min: 0, max: 60, noNaN: true }),
        accelMps2: fc.double({ min: -7, max: 2, noNaN: true }),
        grade: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        coolantC: fc.double({ min: -20, max: 95, noNaN: true }),
      }),
      (any) => {
        const values = { time: '2026-01-01T00:00:00Z', speedKmh: any.speedMps * 3.6, ...engineValues(any) };
        expect(reportedSampleSchema.safeParse(values).error).toBeUndefined();
      },
    ),
  );
});

test('coolant cools towards the air, which is warmer in July than in January and by day than by night', () => {
  expect(cooled(90, 10, 5_400)).toBeCloseTo(10 + 80 / Math.E, 6);
  expect(ambientC(Date.UTC(2026, 6, 15, 14))).toBeGreaterThan(ambientC(Date.UTC(2026, 0, 15, 14)) + 10);
  expect(ambientC(Date.UTC(2026, 6, 15, 14))).toBeGreaterThan(ambientC(Date.UTC(2026, 6, 15, 3)) + 5);
});
