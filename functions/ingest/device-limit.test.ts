import { expect, it } from 'vitest';
import { createDeviceLimit } from './device-limit.ts';
import { IngestRefusal } from './refusal.ts';

const dayMs = 86_400_000;
const reports = (vehicle: string, ...devices: string[]) => [
  { vehicle, samples: devices.map((device, i) => ({ timeMs: i, device })) },
];
const names = (count: number, prefix = 'd') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

it('takes so many devices of a vehicle in a day, again and again, and no more', () => {
  const limit = createDeviceLimit();
  for (let round = 0; round < 3; round++) limit.check(reports('car-1', ...names(32)), 0);
  expect(() => limit.check(reports('car-1', 'd0', 'another'), dayMs - 1)).toThrow(IngestRefusal);
  limit.check(reports('car-1', 'd0', 'd31'), dayMs - 1);
  limit.check(reports('car-2', ...names(32, 'e')), dayMs - 1);
  limit.check(reports('car-1', 'another'), dayMs);
});

it('remembers nothing of a request that it refuses', () => {
  const limit = createDeviceLimit();
  const both = [...reports('car-2', 'phone'), ...reports('car-1', ...names(33))];
  expect(() => limit.check(both, 0)).toThrow(IngestRefusal);
  limit.check(reports('car-1', ...names(32, 'box')), 0);
  limit.check(reports('car-2', ...names(32, 'box')), 0);
});
