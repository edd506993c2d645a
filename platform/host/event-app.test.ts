import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { testPorts } from '../../functions/lib/store/testing/test-ports.ts';
import { eventApp } from './event-app.ts';
import { createMetrics } from './metrics.ts';

test.each([
  ['x'.repeat(5_000), /^x{700} …\n$/],
  ['€'.repeat(5_000), /^€{233}.? …\n$/],
  ['short', /^short\n$/],
])('a reason is never more than Knative can carry in 1024 characters of base64', async (reason, said) => {
  const handle = async () => {
    throw Object.assign(new Error(reason), { status: 422 });
  };
  const ports = await testPorts(0);
  const health = { draining: false, ready: async () => {} };
  const app = eventApp({ name: 'test', module: { handle }, state: undefined, ports, metrics: createMetrics(), health });
  const server = app.listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    method: 'POST',
    headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': 'test' },
  });
  const body = await answer.text();
  expect([answer.status, body]).toEqual([422, expect.stringMatching(said)]);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(768);
});
