import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Ports } from '../../functions/lib/ports.ts';
import { problem } from '../../functions/lib/problem.ts';
import type { Admission } from './admission.ts';
import { httpHandler } from './http.ts';

const quietMs = 300;

test('a connection whose request was refused is not read for as long as it was told to wait', async () => {
  const refused = { answer: problem('overloaded', { detail: 'later' }), quietMs };
  /** When each request was looked at, before its answer went out. */
  const askedAt: number[] = [];
  const admission: Admission = {
    refusal: () => (askedAt.push(performance.now()) <= 2 ? refused : undefined),
    begin: () => undefined,
    enter() {},
    hold() {},
    leave() {},
  };
  const module = { handle: async () => ({ status: 202, headers: {}, body: '' }) };
  const handler = httpHandler({ module, state: undefined, ports: {} as Ports, maxBodyBytes: 10 }, false, admission);
  const server = createServer((incoming, response) => void handler(incoming, response, '/ingest')).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const { port } = server.address() as AddressInfo;
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    const sent = request({ port, agent, method: 'POST' }).end('body');
    const [answer] = await once(sent, 'response');
    await once(answer.resume(), 'end');
    statuses.push(answer.statusCode);
  }
  expect(statuses).toEqual([503, 503, 202]);
  // Timers may fire one millisecond early.
  for (const i of [1, 2])
    expect((askedAt[i] as number) - (askedAt[i - 1] as number)).toBeGreaterThanOrEqual(quietMs - 5);
});

test('a request that fails is answered, and logged with its trace; a traceparent that is none is ignored', async () => {
  const traceId = 'a'.repeat(32);
  const lines: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void lines.push(fields) };
  const handle = async ({ traceparent }: { traceparent?: string }) => {
    throw new Error(`in ${traceparent}`);
  };
  const ports = { log } as unknown as Ports;
  const handler = httpHandler({ module: { handle }, state: undefined, ports, maxBodyBytes: 10 }, false);
  const server = createServer((incoming, response) => void handler(incoming, response, '/api')).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
  for (const header of [traceparent, 'rubbish']) {
    const answer = await fetch(url, { headers: { traceparent: header } });
    expect(answer.status).toBe(500);
    await answer.body?.cancel();
  }
  // Who goes in the middle of a body is nobody's fault.
  const gone = request(url, { method: 'POST', headers: { 'content-length': 9 } });
  gone.on('error', () => {}).write('half');
  const [incoming] = await once(server, 'request');
  gone.destroy();
  await new Promise((resolve) => incoming.on('close', resolve));
  await new Promise(setImmediate);
  expect(lines).toEqual([
    { error: `in ${traceparent}`, path: '/api', traceId },
    { error: 'in undefined', path: '/api' },
  ]);
});
