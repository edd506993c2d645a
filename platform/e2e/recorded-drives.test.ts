import { expect, test } from 'vitest';
import { post, trips } from './client.ts';
import { drives, recordedEvents, truthOf } from './drives.ts';
import { startServer } from './server.ts';
import { settled } from './settled.ts';

/** How far a distance may be from the true one. */
const most = 0.02;

test.each(drives)('the trips of fixtures/drives/%s.json are the true ones', async (name) => {
  const server = await startServer();
  const truth = truthOf(name);
  const token = await server.token([truth.vehicle]);
  const answer = await post(server, token, recordedEvents(name));
  expect([answer.status, await answer.json()]).toEqual([202, { accepted: truth.samples, receipt: expect.any(String) }]);
  await settled(server);

  const found = await trips(server, truth.vehicle);
  const seconds = (startedAt: string, endedAt: string) => (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
  expect(found.map(({ durationS, sampleCount }) => [durationS, sampleCount])).toEqual(
    truth.trips.map(({ startedAt, endedAt, samples }) => [seconds(startedAt, endedAt), samples]),
  );
  for (const [i, { distanceKm }] of truth.trips.entries()) {
    expect(Math.abs((found[i]?.distanceKm ?? 0) / distanceKm - 1), `${found[i]?.distanceKm} km`).toBeLessThan(most);
  }
});
