import { expect, test } from 'vitest';
import type { Sample } from '../lib/telemetry/sample.ts';
import { defaultRules } from '../lib/trips/rules.ts';
import { stateOf } from './vehicle-state.ts';

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

test('a vehicle of which nothing is left is offline', () => {
  expect(stateOf(null, 0, defaultRules)).toBe('offline');
});
