import { expect, test } from 'vitest';
import { ping, post, status, trips } from './client.ts';
import { drives, recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { derivedBy, expectSame, oracle } from './oracle.ts';
import { startServer } from './server.ts';
import { rolledUp, settled } from './settled.ts';

test('what came while the broker was off is derived by one sweep once it is back', async () => {
  const server = await startServer({ env: { FLEET_BROKER: 'off' } });
  const token = await server.token(['*']);
  const recordings = drives.map((name) => ({ vehicle: name, samples: recordedDrive(name) }));
  for (const { vehicle, samples } of recordings) {
    for (const batch of batchesOf(vehicle, samples, 300)) {
      expect((await post(server, token, batch)).status).toBe(202);
    }
  }
  expect((await status(server)).receipts.pending).toBeGreaterThan(0);
  expect(await trips(server, 'town')).toEqual([]);

  await server.restart({ later: true });
  await ping(server, 'sweep');
  await settled(server);
  await rolledUp(server);
  for (const { vehicle, samples } of recordings) {
    expectSame(await derivedBy(server, vehicle), oracle(vehicle, samples));
  }
  expect(await status(server)).toMatchObject({ receipts: { pending: 0, rollup: 0 }, deadLetters: 0 });
});
