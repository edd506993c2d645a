import { expect, it } from 'vitest';
import { testPorts } from '../lib/store/testing/test-ports.ts';
import { handle } from './handler.ts';

it('quarantine keeps the event as it was, with where and why it failed', async () => {
  const ports = await testPorts(5_000);
  const event = { specversion: '1.0' as const, id: '1', source: '/x', type: 't', subject: 'car-1', data: { a: 1 } };
  const failed = {
    ...event,
    knativeerrordest: 'http://enrich.fleet.svc.cluster.local',
    knativeerrorcode: '422',
    knativeerrordata: Buffer.from('no range').toString('base64'),
  };
  await handle({ state: undefined }, failed, ports);
  await handle({ state: undefined }, failed, ports);
  expect(await ports.store.listDeadLetters({ limit: 9 })).toEqual([
    expect.objectContaining({
      event,
      destination: failed.knativeerrordest,
      code: 422,
      reason: 'no range',
      count: 2,
      firstMs: 5_000,
    }),
  ]);
});
