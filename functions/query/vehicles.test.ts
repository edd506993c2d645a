import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sample } from '../lib/telemetry/sample.ts';
import { vehicleListSchema } from './answers.ts';
import { drive, nowMs, openTestApi, type TestApi, trip } from './test-api.ts';

/** Where a vehicle is, against the store as it is. */
let api: TestApi;
beforeEach(async () => {
  api = await openTestApi();
});
afterEach(() => api.close());

const garage = { latitude: 48.1374, longitude: 11.5755 };
const iso = (timeMs: number) => new Date(timeMs).toISOString();
const append = (vehicle: string, samples: Sample[]) => api.store.append([{ vehicle, samples }], nowMs);
const writeTrips = async (vehicle: string, ...trips: ReturnType<typeof trip>[]) =>
  api.store.writeTrips(trips, [], await api.guard(vehicle));
const list = async (options = {}) =>
  vehicleListSchema
    .parse((await api.call('/api/vehicles', options)).body)
    .vehicles.map(({ id, position }) => [id, position]);

test('a vehicle is where its latest samples say', async () => {
  await append('car-1', [...drive(5, { lastAgoS: 20 }), { timeMs: nowMs - 19_000, device: 'gps', ...garage }]);
  await append('car-1', drive(5));
  await writeTrips('car-1', trip('car-1', nowMs - 3_600_000, { endPosition: { latitude: 1, longitude: 1 } }));
  expect(await list()).toEqual([['car-1', { ...garage, at: iso(nowMs - 19_000) }]]);
});

test('a vehicle that has lost its position for long is where its newest trip ended', async () => {
  const [older, newest] = [nowMs - 7_200_000, nowMs - 3_600_000];
  await append('car-1', [{ timeMs: newest, device: 'main', ...garage }, ...drive(30)]);
  await writeTrips(
    'car-1',
    trip('car-1', older, { endPosition: { latitude: 1, longitude: 1 } }),
    trip('car-1', newest, { endPosition: garage }),
  );
  const position = { ...garage, at: iso(newest + 600_000) };
  expect(await list()).toEqual([['car-1', position]]);
  expect((await api.call('/api/vehicles/car-1')).body).toMatchObject({ id: 'car-1', position });
  expect(await list({ token: api.token('read', 'car-1') })).toEqual([['car-1', position]]);
});

test('a position that is known to be false takes the place of no other', async () => {
  const zero = { latitude: 0, longitude: 0, flags: ['position-zero'] };
  await append('car-1', [{ timeMs: nowMs - 20_000, device: 'main', ...garage }, ...drive(5)]);
  await append('car-2', drive(25));
  for (const vehicle of ['car-1', 'car-2']) await append(vehicle, [{ timeMs: nowMs, device: 'main', ...zero }]);
  expect(await list()).toEqual([
    ['car-1', { ...garage, at: iso(nowMs - 20_000) }],
    ['car-2', null],
  ]);
});

test('a list asks for trips once, of those vehicles alone that have lost their position', async () => {
  const lost = ['car-2', 'car-4'];
  for (const vehicle of ['car-1', 'car-3']) await append(vehicle, [{ timeMs: nowMs, device: 'main', ...garage }]);
  const asked: (readonly string[])[] = [];
  const newestTrips: typeof api.store.newestTrips = (vehicles) => {
    asked.push(vehicles);
    return api.store.newestTrips(vehicles);
  };
  const store = { ...api.store, newestTrips };
  await list({ store });
  expect(asked).toEqual([]);
  for (const vehicle of lost) await append(vehicle, drive(3));
  await list({ store });
  expect(asked).toEqual([lost]);
});
