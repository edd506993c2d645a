import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { securityHeaders } from '../../functions/lib/security-headers.ts';
import { exchange } from './raw-http.ts';
import { Server } from './server.ts';

/** What each listener serves, and to whom. */

let server: Server;
let token: string;

beforeAll(async () => {
  server = await Server.prepare();
  token = await server.token(['*'], ['read']);
  await server.start();
});
afterAll(() => server.dispose());

const reading = ['/', '/api/vehicles', '/api/trips', '/api/rollups', '/api/alerts', '/api/status', '/metrics'];

/** A request as no client library would let us write it. */
function ask(url: string, line: string, headers: Record<string, string> = {}) {
  const all = { host: new URL(url).host, connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return exchange(url, Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`));
}

describe('the public listener', () => {
  test.each([
    '/fleet/default',
    '/apis/eventing.knative.dev/v1/brokers',
    '/api/v1/namespaces',
    '/data/tokens.json',
    '/.env',
    '/debug/pprof',
  ])('does not serve %s', async (path) => {
    for (const method of ['GET', 'POST']) expect((await ask(server.url, `${method} ${path}`)).status).toBe(404);
  });

  test.each([
    ['another host name', { host: 'rebound.example:8080' }],
    ['one that only begins as ours', { host: 'localhost.example' }],
    ['one that begins as an address of ours', { host: '127.0.0.1.example' }],
    ['no name', { host: '' }],
    ['a proxy that speaks for somebody', { 'x-forwarded-for': '203.0.113.7' }],
    ['a proxy by the standard', { forwarded: 'for=203.0.113.7' }],
  ])('asks who comes by %s for a token', async (_, headers) => {
    for (const path of reading) {
      const refused = await ask(server.url, `GET ${path}`, headers);
      expect([path, refused.status, refused.headers['www-authenticate']]).toEqual([path, 401, 'Bearer']);
      const { status } = await ask(server.url, `GET ${path}`, { ...headers, authorization: `Bearer ${token}` });
      expect([path, status]).toEqual([path, 200]);
    }
  });

  test('asks nobody who comes from here, by our name', async () => {
    for (const host of ['localhost', 'localhost:8080', '127.0.0.1', '127.1.2.3:1', '[::1]:8080']) {
      for (const path of reading) expect((await ask(server.url, `GET ${path}`, { host })).status).toBe(200);
    }
  });

  test('gives no other origin anything', async () => {
    const origin = { origin: 'https://elsewhere.example' };
    for (const [line, headers] of [
      ...[...reading, '/openapi.json', '/health/liveness', '/nothing'].map((path) => [`GET ${path}`, origin] as const),
      ['OPTIONS /ingest', { ...origin, 'access-control-request-method': 'POST' }],
      ['OPTIONS /api/vehicles/car-1', { ...origin, 'access-control-request-method': 'DELETE' }],
    ] as const) {
      const { headers: answered } = await ask(server.url, line, headers);
      expect(Object.keys(answered).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      const { 'content-security-policy': policy, ...others } = securityHeaders;
      expect(answered, line).toMatchObject(others);
      expect(answered['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(answered['x-powered-by']).toBeUndefined();
    }
  });

  test.each([
    '/%',
    '/api/vehicles/%',
    '/api/trips/%E0%A4%A',
    '/ingest/%FF',
    '//',
    '/api/../data',
    '/api/vehicles/..%2f..%2fetc',
  ])('tells nothing of itself for %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, body } = await ask(server.url, `${method} ${path}`);
      expect(status).toBeLessThan(500);
      expect(body).not.toMatch(/node_modules|\.ts:|\n\s+at /);
    }
  });
});

describe('the internal listener', () => {
  test('is on loopback alone', async () => {
    const { port } = new URL(server.internalUrl);
    const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal));
    // Bound to all addresses it would answer here too, whatever the machine has beside it.
    const hosts = ['127.0.0.2', ...others.filter(({ family }) => family === 'IPv4').map(({ address }) => address)];
    const open = await Promise.all(hosts.map(async (host) => ((await connects(host, Number(port))) ? [host] : [])));
    expect(open.flat()).toEqual([]);
    expect(await connects('127.0.0.1', Number(port))).toBe(true);
  });

  test('is not for a page whose host name was made to point here', async () => {
    for (const line of ['POST /fleet/default', 'OPTIONS /fleet/default', 'GET /']) {
      const { status } = await ask(server.internalUrl, line, { host: 'rebound.example:8081' });
      expect(status).toBe(403);
    }
  });
});

test('a function in a container takes nobody for the machine itself: its proxy is', async () => {
  const alone = await Server.prepare();
  try {
    const reader = await alone.token(['*'], ['read']);
    await alone.start({ hosting: 'function', env: { FUNCTION: 'query' } });
    for (const path of reading) {
      expect((await ask(alone.url, `GET ${path}`)).status).toBe(401);
      expect((await ask(alone.url, `GET ${path}`, { authorization: `Bearer ${reader}` })).status).toBe(200);
    }
  } finally {
    await alone.dispose();
  }
});

async function connects(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 2_000 });
  try {
    return await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'timeout').then(() => false)]);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
