import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemType } from '../../functions/lib/problem.ts';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { get, samples, status } from './client.ts';
import { ago, batchMediaType, eventOf } from './events.ts';
import { eventually } from './program.ts';
import { Server } from './server.ts';

let server: Server;
/** Of car-1 alone. */
let token: string;
let reader: string;

beforeAll(async () => {
  server = await Server.prepare();
  token = await server.token(['car-1']);
  reader = await server.token(['*'], ['read']);
  await server.start();
});
afterAll(() => server.dispose());

const structured = 'application/cloudevents+json';
const json = 'application/json';

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends a request as it is told; a body that is no text and no bytes goes as JSON. */
function send({ method = 'POST', path = '/ingest', headers = {}, body }: Sent): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

const sample = (seconds: number, fields: object = { speedKmh: 50 }) => ({ time: ago(seconds), ...fields });
const batch = (...events: unknown[]): Sent => ({ headers: { 'content-type': batchMediaType }, body: events });
const plain = (body: unknown): Sent => ({ headers: { 'content-type': json }, body });

describe('what is refused says why and where, and leaves nothing', () => {
  const good = (seconds: number) => eventOf('car-1', sample(seconds));
  const refusals: Record<string, { status: number; code: Parameters<typeof problemType>[0]; sent: () => Sent }> = {
    'no token': {
      status: 401,
      code: 'unauthorized',
      sent: () => ({ ...batch(good(1)), headers: { authorization: '', 'content-type': batchMediaType } }),
    },
    'a token that is none': {
      status: 401,
      code: 'unauthorized',
      sent: () => ({ ...batch(good(1)), headers: { authorization: 'Bearer x.y', 'content-type': batchMediaType } }),
    },
    'another scheme': {
      status: 401,
      code: 'unauthorized',
      sent: () => ({ ...batch(good(1)), headers: { authorization: 'Basic eDp5', 'content-type': batchMediaType } }),
    },
    'a token for reading': {
      status: 403,
      code: 'insufficient-scope',
      sent: () => ({
        ...batch(good(1)),
        headers: { authorization: `Bearer ${reader}`, 'content-type': batchMediaType },
      }),
    },
    'a type that nobody knows': {
      status: 415,
      code: 'unsupported-media-type',
      sent: () => ({ ...batch(good(1)), headers: { 'content-type': 'text/csv' } }),
    },
    'an encoding that nobody knows': {
      status: 415,
      code: 'unsupported-media-type',
      sent: () => ({ ...batch(good(1)), headers: { 'content-type': batchMediaType, 'content-encoding': 'br' } }),
    },
    'half a body': {
      status: 400,
      code: 'invalid-request',
      sent: () => ({ headers: { 'content-type': json }, body: '{"vehicle":"car-1",' }),
    },
    'a body that is no gzip, and says so': {
      status: 400,
      code: 'invalid-request',
      sent: () => ({ ...plain(sample(1)), headers: { 'content-type': json, 'content-encoding': 'gzip' } }),
    },
    'an event without an id': {
      status: 400,
      code: 'invalid-request',
      sent: () => batch(good(1), { ...good(2), id: undefined }),
    },
    'more than a megabyte': {
      status: 413,
      code: 'payload-too-large',
      sent: () => plain(`${JSON.stringify(sample(1))}${' '.repeat(1_048_577)}`),
    },
    'more than eight megabytes, inflated': {
      status: 413,
      code: 'payload-too-large',
      sent: () => ({
        headers: { 'content-type': json, 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(8_388_609, ' ')),
      }),
    },
    'more than a thousand events': {
      status: 413,
      code: 'payload-too-large',
      sent: () => batch(...Array.from({ length: 1_001 }, (_, i) => good(i))),
    },
    'a path that is not there': { status: 404, code: 'not-found', sent: () => ({ path: '/ingests', body: 'x' }) },
    'another method': { status: 405, code: 'method-not-allowed', sent: () => ({ method: 'PUT', body: 'x' }) },
  };

  test.each(Object.entries(refusals))('%s', async (_, { status: expected, code, sent }) => {
    const answer = await send(sent());
    expect(answer.status).toBe(expected);
    await expectProblem(answer, code);
    if (expected === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    if (expected === 405) expect(answer.headers.get('allow')).toBe('POST');
  });

  test('an event of another car, hidden in a batch', async () => {
    const events = Array.from({ length: 9 }, (_, i) => (i === 7 ? eventOf('car-2', sample(i)) : good(i)));
    const answer = await send(batch(...events));
    expect(answer.status).toBe(403);
    const { errors } = await expectProblem(answer, 'forbidden');
    expect(errors).toMatchObject([{ index: 7, pointer: '/subject' }]);
  });

  test('bad samples, each by its index and field', async () => {
    const answer = await send(
      batch(
        good(1),
        eventOf('car-1', sample(2, { latitude: 91, longitude: 9 })),
        eventOf('car-1', { samples: [sample(3), sample(4), sample(5, { engineRpm: -1, speedKmh: 1 })] }),
        eventOf('car-1', sample(6, { speedKmh: 1, sped: 2 })),
        eventOf('car-1', sample(6 * 86_400)),
        { ...good(7), type: 'fleet.telemetry.rumoured' },
      ),
    );
    expect(answer.status).toBe(422);
    const { errors } = await expectProblem(answer, 'invalid-sample');
    expect(errors.map(({ index, pointer }) => `${index} ${pointer}`)).toEqual([
      '1 /data/latitude',
      '2 /data/samples/2/engineRpm',
      '3 /data/sped',
      '4 /data/time',
      '5 /type',
    ]);
  });

  test('five megabytes, in chunks', async () => {
    const chunks = Array.from({ length: 100 }, () => Buffer.alloc(50_000, ' '));
    const answer = await fetch(`${server.url}/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': json },
      body: ReadableStream.from(chunks),
      duplex: 'half',
    });
    expect(answer.status).toBe(413);
    await expectProblem(answer, 'payload-too-large');
  });

  test('GET', async () => {
    const answer = await send({ method: 'GET' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    await expectProblem(answer, 'method-not-allowed');
  });

  afterAll(async () => {
    expect(await get(server, '/api/vehicles')).toMatchObject({ vehicles: [] });
    expect(await status(server)).toMatchObject({ receipts: { pending: 0, rollup: 0 } });
  });
});

describe('what is taken', () => {
  const accepted = (n: number) => ({ accepted: n, receipt: n > 0 ? expect.any(String) : null });
  const event = (seconds: number) => eventOf('car-1', sample(seconds));

  const forms: Record<string, { samples: number; sent: () => Sent }> = {
    'one event': { samples: 1, sent: () => ({ headers: { 'content-type': structured }, body: event(100) }) },
    'a batch': { samples: 3, sent: () => batch(event(101), eventOf('car-1', { samples: [sample(102), sample(103)] })) },
    'an empty batch': { samples: 0, sent: () => batch() },
    'an event in headers': {
      samples: 1,
      sent: () => ({
        headers: {
          'content-type': json,
          'ce-specversion': '1.0',
          'ce-id': '1',
          'ce-source': '/edge/car-1',
          'ce-type': eventTypes.reported,
          'ce-subject': 'car-1',
        },
        body: sample(104),
      }),
    },
    'plain JSON': { samples: 1, sent: () => plain({ vehicle: 'car-1', ...sample(105) }) },
    'plain JSON of the only car of the token': {
      samples: 2,
      sent: () => plain({ samples: [sample(106), sample(107)] }),
    },
    gzip: {
      samples: 1,
      sent: () => ({
        headers: { 'content-type': json, 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify(sample(108))),
      }),
    },
    'a byte order mark': { samples: 1, sent: () => plain(`\ufeff${JSON.stringify(sample(109))}`) },
    nanoseconds: {
      samples: 1,
      sent: () => plain({ time: ago(110).replace(/\.\d+Z$/, '.123456789Z'), speedKmh: 1 }),
    },
    'a scheme in lower case': {
      samples: 1,
      sent: () => ({ ...plain(sample(111)), headers: { 'content-type': json, authorization: `bearer ${token}` } }),
    },
  };

  test.each(Object.entries(forms))('%s', async (_, { samples: count, sent }) => {
    const before = await stored();
    const answer = await send(sent());
    expect([answer.status, await answer.json()]).toEqual([202, accepted(count)]);
    expect(await stored()).toBe(before + count);
  });

  test('a question about the methods', async () => {
    const answer = await send({ method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([204, 'POST', '']);
  });
});

test('the same sample with another payload is merged, and counted', async () => {
  const time = ago(4_000);
  const report = async (fields: object) =>
    (await send(plain({ vehicle: 'car-1', time, device: 'merge', ...fields }))).status;
  const counted = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^fleet_samples_merged_total (\d+)$/m.exec(text)?.[1]);
  };
  const before = await counted();
  const statuses = [];
  for (const fields of [{ speedKmh: 1, coolantC: 80 }, { speedKmh: 1 }, { engineRpm: 900, speedKmh: 2 }]) {
    statuses.push(await report(fields));
  }
  expect(statuses).toEqual([202, 202, 202]);
  // When it is enriched: until then it is stored as it came.
  expect(await eventually('the count', async () => (await counted()) - before || undefined)).toBe(1);
  const merged = (await samples(server, 'car-1')).filter(({ device }) => device === 'merge');
  expect(merged).toMatchObject([{ speedKmh: 2, coolantC: 80, engineRpm: 900 }]);
});

interface Problem {
  errors: { index: number; pointer: string; code: string; detail: string }[];
}

async function expectProblem(answer: Response, code: Parameters<typeof problemType>[0]): Promise<Problem> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await answer.json()) as Problem;
  expect(problem).toMatchObject({
    type: problemType(code),
    status: answer.status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  return problem;
}

async function stored(): Promise<number> {
  return (await samples(server, 'car-1')).length;
}
