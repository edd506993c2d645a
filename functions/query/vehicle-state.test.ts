import { expect, test } from 'vitest';
import type { Sample } from '../lib/telemetry/sample.ts';
import { defaultRules } from '../lib/trips/rules.ts';
import { currentSpeedKmh, stateOf, vehicleAnswer } from './vehicle-state.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

test.each<[string, Partial<Sample>, number, string]>([
  ['driving', { speedKmh: 50 }, 0, 'moving'],
  ['driving by GPS alone', { gpsSpeedKmh: 50 }, 0, 'moving'],
  ['in a tunnel', { speedKmh: 50 }, 10 * minuteMs, 'moving'],
  ['silent while driving', { speedKmh: 50 }, 16 * minuteMs, 'offline'],
  ['at a light', { speedKmh: 0, engineRpm: 800 }, 0, 'idle'],
  ['at rest with the engine off', { speedKmh: 0, engineRpm: 0 }, 0, 'parked'],
  ['ignition off, a speed left over', { speedKmh: 12, ignitionOn: false }, 0, 'parked'],
  ['silent since it idled', { speedKmh: 0, ignitionOn: true }, 20 * minuteMs, 'parked'],
  ['parked overnight', { speedKmh: 0 }, dayMs - minuteMs, 'parked'],
  ['parked for longer than a day', { speedKmh: 0 }, dayMs + minuteMs, 'offline'],
])('a vehicle %s', (_, fields, silentMs, state) => {
  expect(stateOf({ timeMs: 0, device: 'main', ...fields }, silentMs, defaultRules)).toBe(state);
});

test.each<[string, Partial<Sample>, number, number | undefined]>([
  ['that reports', { speedKmh: 50 }, 1_000, 50],
  ['that reports by GPS alone', { gpsSpeedKmh: 50 }, 1_000, 50],
  ['silent for a few minutes, though it counts as moving', { speedKmh: 50 }, 3 * minuteMs, undefined],
  ['offline', { speedKmh: 50 }, 16 * minuteMs, undefined],
  ['without a speed', {}, 1_000, undefined],
])('the speed of a vehicle %s', (_, fields, silentMs, speedKmh) => {
  const state = { vehicle: 'car-1', latest: { timeMs: 0, device: 'main', ...fields }, position: null };
  expect(currentSpeedKmh(vehicleAnswer(state, undefined, silentMs, defaultRules), silentMs)).toBe(speedKmh);
});

test('an offline vehicle has no speed, however little silence the rules allow', () => {
  const state = { vehicle: 'car-1', latest: { timeMs: 0, device: 'main', speedKmh: 50 }, position: null };
  const vehicle = vehicleAnswer(state, undefined, minuteMs, { ...defaultRules, gapTimeoutS: 30 });
  expect(vehicle.state).toBe('offline');
  expect(currentSpeedKmh(vehicle, minuteMs)).toBeUndefined();
});

test('a vehicle of which nothing is left is offline', () => {
  expect(stateOf(null, 0, defaultRules)).toBe('offline');
});
