import { expect, test } from 'vitest';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { DeadLetterSummary } from '../../functions/query/answers.ts';
import { get, post, publish, status, trips } from './client.ts';
import { recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { eventually } from './program.ts';
import { startServer } from './server.ts';
import { settled } from './settled.ts';

const poison = {
  specversion: '1.0',
  id: 'poison-1',
  source: '/e2e',
  type: eventTypes.accepted,
  subject: 'car-1',
  datacontenttype: 'application/json',
  data: { vehicle: 'not a vehicle', fromMs: 'yesterday' },
} as const;

test('an event that cannot be processed becomes a dead letter, and holds nobody back', async () => {
  const server = await startServer();
  const token = await server.token(['car-1', 'car-2']);
  const admin = await server.token(['*'], ['admin']);
  const letters = async () =>
    (await get<{ deadLetters: DeadLetterSummary[] }>(server, '/api/dead-letters', admin)).deadLetters;

  await publish(server, poison);
  const drive = recordedDrive('town');
  for (const vehicle of ['car-1', 'car-2']) {
    for (const batch of batchesOf(vehicle, drive, 600)) expect((await post(server, token, batch)).status).toBe(202);
  }
  await settled(server);
  for (const vehicle of ['car-1', 'car-2']) expect(await trips(server, vehicle)).toHaveLength(1);

  const letter = await eventually('the dead letter', async () => (await letters())[0]);
  expect(letter).toMatchObject({
    eventId: 'poison-1',
    vehicle: 'car-1',
    type: eventTypes.accepted,
    code: 422,
    count: 1,
  });
  expect(letter.destination).toContain('enrich');
  expect(letter.reason).not.toBe('');
  const path = `/api/dead-letters/${letter.id}`;
  expect(await get(server, path, admin)).toMatchObject({ event: poison });
  expect((await fetch(`${server.url}/api/dead-letters`)).status).toBe(401);
  expect((await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })).status).toBe(403);

  const replayed = await fetch(`${server.url}${path}/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}` },
  });
  expect(replayed.status).toBe(202);
  // It is as bad as before: the same dead letter comes back.
  const again = await eventually('the dead letter, again', async () =>
    (await letters()).find(({ count }) => count > 1),
  );
  expect(again).toMatchObject({ id: letter.id, count: 2, replayedAt: null });
  expect(await status(server)).toMatchObject({ receipts: { pending: 0 }, deadLetters: 1 });
});
