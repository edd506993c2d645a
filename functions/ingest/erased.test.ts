import { expect, it } from 'vitest';
import { createAuthenticator } from '../lib/auth/authenticator.ts';
import { createToken, indexTokens, verify } from '../lib/auth/tokens.ts';
import { testPorts } from '../lib/store/testing/test-ports.ts';
import { handle, init } from './handler.ts';

it('samples of before an erasure are refused by index, nothing of their batch is stored, and later ones are taken', async () => {
  const nowMs = Date.now();
  const ports = await testPorts(nowMs);
  const { token, record } = createToken({ scopes: ['ingest'], vehicles: ['car-1', 'car-2'], nowMs });
  const index = indexTokens([record]);
  const auth = createAuthenticator({ find: (presented) => verify(index, presented, nowMs) });
  const state = init(ports);
  const at = (ms: number) => new Date(ms).toISOString();
  const event = (subject: string, ...times: number[]) => ({
    specversion: '1.0',
    id: `${subject}/${times}`,
    source: '/edge',
    type: 'fleet.telemetry.reported',
    subject,
    data: { samples: times.map((ms) => ({ time: at(ms), speedKmh: 50 })) },
  });
  const post = async (...events: unknown[]) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/cloudevents-batch+json',
    };
    const context = { state, method: 'POST', path: '/ingest', query: new URLSearchParams(), headers, loopback: true };
    const { status, body } = await handle(context, Buffer.from(JSON.stringify(events)), { ...ports, auth });
    return { status, body: JSON.parse(body as string) };
  };

  const early = event('car-1', nowMs - 60_000, nowMs - 30_000);
  expect((await post(early)).status).toBe(202);
  await ports.store.eraseVehicle('car-1', nowMs - 10_000);

  const { status, body } = await post(event('car-2', nowMs - 60_000), event('car-1', nowMs - 5_000, nowMs - 30_000));
  expect(status).toBe(422);
  expect(body).toMatchObject({ type: 'urn:fleet-telemetry:problem:invalid-sample' });
  expect(body.errors).toEqual([
    {
      index: 1,
      pointer: '/data/samples/1/time',
      code: 'vehicle-erased',
      detail: `the vehicle was erased up to ${at(nowMs - 10_000)}`,
    },
  ]);
  expect(await ports.store.listVehicles(9)).toEqual([]);
  // The very request of before, sent again.
  expect((await post(early)).body.errors).toMatchObject([{ index: 0 }, { index: 0 }]);

  expect((await post(event('car-2', nowMs - 60_000), event('car-1', nowMs - 5_000))).status).toBe(202);
  expect((await ports.store.listVehicles(9)).map(({ vehicle }) => vehicle)).toEqual(['car-1', 'car-2']);
});
