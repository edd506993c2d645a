import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drive, type Motion } from './driver.ts';
import { haversineM } from './geo.ts';
import { isGreen } from './lights.ts';
import { movementAt } from './motion.ts';
import { randomFor } from './random.ts';
import { type Road, roadAt } from './road.ts';
import { makeRoute, routeKinds } from './route.ts';

const startMs = Date.UTC(2026, 0, 1, 8);

function journey(seed: number, kind: (typeof routeKinds)[number], harshAtPart: number[] = []) {
  const road = makeRoute({ seed, vehicle: 'test', kind, number: seed, durationS: 900 }).there;
  const stop = { atM: road.lengthM * 0.5, restS: 90, engineOff: true };
  const harshAtM = harshAtPart.map((part) => part * road.lengthM);
  const motion = drive({ road, startMs, warmUpS: 10, stops: [stop], harshAtM, random: randomFor('driver', seed) });
  return { road, stop, motion };
}

const accelerations = ({ speedMps, stepMs }: Motion) =>
  speedMps.slice(1).map((v, index) => ((v - (speedMps[index] ?? 0)) * 1_000) / stepMs);

describe('a drive', () => {
  const anyJourney = fc.record({ seed: fc.integer({ min: 0, max: 1e6 }), kind: fc.constantFrom(...routeKinds) });
  const always = (check: (drive: ReturnType<typeof journey>) => void) =>
    fc.assert(
      fc.property(anyJourney, ({ seed, kind }) => check(journey(seed, kind))),
      { numRuns: 25 },
    );

  test('keeps to what cars and passengers can bear: 2 m/s² up, 2.8 down, limits and bends', () =>
    always(({ road, motion }) => {
      const all = accelerations(motion);
      expect(Math.max(...all)).toBeLessThanOrEqual(2 + 1e-9);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(-2.8 - 1e-9);
      motion.speedMps.forEach((v, step) => {
        const { limitKmh } = roadAt(road, motion.distanceM[step] ?? 0);
        expect(v * 3.6).toBeLessThan(limitKmh * 1.06 + 2);
      });
    }));

  test('begins and ends at rest, at the ends of the road, and never goes backwards', () =>
    always(({ road, motion }) => {
      expect(motion.speedMps[0]).toBe(0);
      expect(motion.speedMps.at(-1)).toBe(0);
      expect(motion.engineOn.at(-1)).toBe(false);
      expect(Math.abs((motion.distanceM.at(-1) ?? 0) - road.lengthM)).toBeLessThan(2);
      motion.distanceM.slice(1).forEach((s, step) => {
        expect(s).toBeGreaterThanOrEqual(motion.distanceM[step] ?? 0);
      });
    }));

  test('is as long on the globe as the integral of its speed, within 1 %', () =>
    always(({ road, motion }) => {
      const places = motion.distanceM.map((s) => roadAt(road, s));
      const globeM = places.slice(1).reduce((sum, b, index) => sum + haversineM(places[index] ?? b, b), 0);
      const integralM = motion.speedMps
        .slice(1)
        .reduce((sum, v, step) => sum + ((v + (motion.speedMps[step] ?? 0)) / 2) * (motion.stepMs / 1_000), 0);
      expect(integralM).toBeCloseTo(motion.distanceM.at(-1) ?? 0, 3);
      expect(Math.abs(globeM - integralM) / integralM).toBeLessThan(0.01);
    }));

  test('does not run red lights that it could have stopped for', () =>
    always(({ road, motion }) => {
      for (const { atM, light } of road.lights.filter((crossing) => crossing.atM > 5)) {
        const step = motion.distanceM.findIndex((s) => s > atM - 2);
        const crossedMs = startMs + step * motion.stepMs;
        // Five seconds are enough to stop from 50 km/h at 2.8 m/s².
        const longRed = [0, 1, 2, 3, 4, 5].every((seconds) => !isGreen(light, crossedMs - seconds * 1_000));
        expect(longRed).toBe(false);
      }
    }));

  test('makes its planned stop with the engine off', () =>
    always(({ stop, motion }) => {
      const off = motion.engineOn.findIndex((on) => !on);
      expect(Math.abs((motion.distanceM[off] ?? 0) - stop.atM)).toBeLessThan(2);
      const restSteps = motion.engineOn.slice(off).findIndex((on) => on);
      expect((restSteps * motion.stepMs) / 1_000).toBe(stop.restS);
    }));
});

test('harsh braking happens where asked for, is told, and shows in whole km/h at 1 Hz', () => {
  const { motion } = journey(3, 'country', [0.2, 0.7]);
  expect(motion.harsh).toHaveLength(2);
  for (const { atMs, peakMps2 } of motion.harsh) {
    expect(peakMps2).toBeGreaterThan(3.7);
    const kmh = [-1, 0, 1, 2, 3].map((s) => Math.round(movementAt(motion, atMs + s * 1_000).speedMps * 3.6));
    const drops = kmh.slice(1).map((v, index) => ((kmh[index] ?? 0) - v) / 3.6);
    expect(Math.max(...drops)).toBeGreaterThan(3.7);
  }
});

test('two harsh brakings at one place are two events, apart from each other', () => {
  for (const harshAtPart of [
    [0.3, 0.3],
    [0.5, 0.502],
  ]) {
    const [first, second] = journey(3, 'country', harshAtPart).motion.harsh;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  }
});

test('movement between steps is the integral of the speed there', () => {
  const motion: Motion = {
    startMs: 0,
    stepMs: 250,
    distanceM: [0, 0.25, 0.75],
    speedMps: [0, 2, 2],
    engineOn: [true, true, true],
    harsh: [],
  };
  expect(movementAt(motion, 125)).toMatchObject({ speedMps: 1, distanceM: 0.0625, accelMps2: 8 });
  expect(movementAt(motion, 375)).toMatchObject({ speedMps: 2, distanceM: 0.5, accelMps2: 0 });
  expect(movementAt(motion, 10_000)).toMatchObject({ distanceM: 0.75 });
});

test('a road goes on to its very end', () => {
  const road: Road = makeRoute({ seed: 9, vehicle: 'test', kind: 'town', number: 0, durationS: 300 }).there;
  const end = road.points.at(-1);
  expect(roadAt(road, road.lengthM + 5)).toMatchObject({ latitude: end?.latitude, longitude: end?.longitude });
});
