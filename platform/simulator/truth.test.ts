import { expect, test } from 'vitest';
import type { Motion } from './driver.ts';
import type { Observation } from './sensors.ts';
import { tripsOf } from './truth.ts';

/** 10 m/s all the time: what matters here is what is reported. */
const motion: Motion = {
  startMs: 0,
  stepMs: 1_000,
  distanceM: Array.from({ length: 3_000 }, (_, second) => second * 10),
  speedMps: Array.from({ length: 3_000 }, () => 10),
  engineOn: Array.from({ length: 3_000 }, () => true),
  harsh: [{ kind: 'braking', atMs: 15_000, peakMps2: 6.5 }],
};

/** Samples from [second, km/h] pairs. */
const reported = (...pairs: [number, number | undefined][]): Observation[] =>
  pairs.map(([second, speedKmh]) => {
    const atMs = second * 1_000;
    return { atMs, deliverAtMs: atMs, speedKmh, sample: { time: new Date(atMs).toISOString() } };
  });
const bounds = (...pairs: [number, number | undefined][]) =>
  tripsOf(reported(...pairs), motion, []).map(({ startedAt, endedAt }) => [
    Date.parse(startedAt) / 1_000,
    Date.parse(endedAt) / 1_000,
  ]);

test('a trip starts at 5 km/h and goes on down to 3', () => {
  expect(bounds([0, 0], [1, 4.9], [2, 5], [3, 3], [4, 2.9], [5, 0])).toEqual([[2, 4]]);
});

test('a stop of 300 s ends a trip, a shorter one does not', () => {
  expect(bounds([0, 50], [10, 0], [299, 50], [310, 0])).toEqual([[0, 310]]);
  expect(bounds([0, 50], [10, 0], [300, 50], [310, 0])).toEqual([
    [0, 10],
    [300, 310],
  ]);
});

test('the end is the first sample at rest of the last stop, or the last moving one where silence followed', () => {
  expect(bounds([0, 50], [10, 0], [20, 30], [30, 1], [40, 0])).toEqual([[0, 30]]);
  expect(bounds([0, 50], [10, 40])).toEqual([[0, 10]]);
});

test('samples without a speed count, but decide nothing', () => {
  const [trip] = tripsOf(reported([0, 50], [5, undefined], [10, 0]), motion, []);
  expect(trip).toMatchObject({ samples: 3, endedAt: '1970-01-01T00:00:10.000Z' });
});

test('distance, top speed, harsh events and codes are those between its bounds', () => {
  const codes = [
    { code: 'P0133', fromMs: 12_000, toMs: 14_000 },
    { code: 'P0420', fromMs: 30_000, toMs: Infinity },
  ];
  const [trip] = tripsOf(reported([10, 50], [20, 0]), motion, codes);
  expect(trip).toMatchObject({ distanceKm: 0.1, maxSpeedKmh: 36, codes: ['P0133'] });
  expect(trip?.harsh).toEqual([{ kind: 'braking', at: '1970-01-01T00:00:15.000Z', peakMps2: 6.5 }]);
  expect(tripsOf(reported([20, 50], [25, 0]), motion, codes)[0]).toMatchObject({ harsh: [], codes: [] });
});
