import { expect, test } from 'vitest';
import { post, rollups, trips } from './client.ts';
import { batchesOf } from './events.ts';
import { derivedBy, expectSame, oracle } from './oracle.ts';
import { hasRealDrive, realDrive } from './real-drive.ts';
import { startServer } from './server.ts';
import { rolledUp, settled } from './settled.ts';

test('a real drive becomes one trip of its length and rows of all its samples', async ({ skip }) => {
  if (!hasRealDrive) {
    const reason = 'skipped: the recording is not beside the checkout, ../shared/data/real-drive.geojson';
    console.warn(reason);
    skip(reason);
  }
  const server = await startServer();
  const token = await server.token(['car-1']);
  const { samples, shiftMs } = realDrive();
  const [batch = []] = batchesOf('car-1', samples, 500);
  expect(batch).toHaveLength(368);

  const answer = await post(server, token, batch);
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ accepted: 368, receipt: expect.any(String) });
  await settled(server);
  await rolledUp(server);

  const found = await trips(server, 'car-1');
  expect(found).toHaveLength(1);
  const recordedAt = (time: string | undefined) => new Date(Date.parse(time ?? '') - shiftMs).toISOString();
  expect(found[0]).toMatchObject({ status: 'ended', durationS: 1_845, distanceMethod: 'obd', micro: false });
  expect(recordedAt(found[0]?.startedAt)).toBe('2020-03-25T16:31:52.000Z');
  expect(recordedAt(found[0]?.endedAt)).toBe('2020-03-25T17:02:37.000Z');
  expect(found[0]?.distanceKm).toBeGreaterThan(42.0);
  expect(found[0]?.distanceKm).toBeLessThan(43.2);

  for (const tier of ['1m', '5m'] as const) {
    const rows = await rollups(server, 'car-1', tier);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(368);
  }
  const once = await derivedBy(server, 'car-1');
  expectSame(once, oracle('car-1', samples));

  expect((await post(server, token, batch)).status).toBe(202);
  await settled(server);
  await rolledUp(server);
  expect(await derivedBy(server, 'car-1')).toEqual(once);
});
