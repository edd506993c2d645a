import { gzipSync } from 'node:zlib';
import { type CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../lib/auth/authenticator.ts';
import { createToken, indexTokens, type NewToken, verify } from '../lib/auth/tokens.ts';
import type { HttpAnswer, HttpContext, Ports } from '../lib/ports.ts';
import { StoreUnavailable } from '../lib/store/port.ts';
import type { CloudEvent as Event } from '../lib/telemetry/events.ts';
import { defaultIngestLimits } from '../lib/telemetry/limits.ts';
import type { VehicleSamples } from '../lib/telemetry/sample.ts';
import { handle, init } from './handler.ts';

const nowMs = Date.UTC(2026, 0, 10, 12);
const time = '2026-01-10T11:59:00Z';

interface Sent {
  contentType?: string | null;
  body: unknown;
  headers?: Record<string, string>;
  token?: Partial<NewToken>;
}

/** An ingest function beside a store that only remembers. */
function setUp(limits = defaultIngestLimits, store?: { append(): Promise<never> }) {
  const appended: VehicleSamples[] = [];
  const published: Event[] = [];
  const remember = {
    append: async (groups: readonly VehicleSamples[]) => {
      appended.push(...groups);
      return { receipt: String(appended.length) };
    },
  };
  async function post({ contentType = 'application/json', body, headers = {}, token = {} }: Sent) {
    const made = createToken({ scopes: ['ingest'], vehicles: ['car-1'], nowMs, ...token });
    const index = indexTokens([made.record]);
    const ports = {
      store: store ?? remember,
      clock: { now: () => nowMs, after: () => () => {} },
      metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
      log: { warn: () => {} },
      ingestLimits: limits,
      auth: createAuthenticator({ find: (presented) => verify(index, presented, nowMs) }),
      publish: async (event: Event) => published.push(event) > 0,
    } as unknown as Ports;
    const context = {
      state: init(ports),
      method: 'POST',
      path: '/ingest',
      query: new URLSearchParams(),
      headers: {
        authorization: `Bearer ${made.token}`,
        ...(contentType && { 'content-type': contentType }),
        ...headers,
      },
      loopback: true,
    } as HttpContext<ReturnType<typeof init>>;
    const bytes =
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answer: HttpAnswer = await handle(context, bytes, ports);
    return { status: answer.status, headers: answer.headers, ...JSON.parse(String(answer.body)) };
  }
  return { post, appended, published };
}

const event = (data: unknown = { time, speedKmh: 50 }, attributes: object = {}) => ({
  specversion: '1.0',
  id: '1',
  source: '/edge/car-1',
  type: 'fleet.telemetry.reported',
  subject: 'car-1',
  data,
  ...attributes,
});
const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';

describe('ingest accepts', () => {
  const expected = [{ vehicle: 'car-1', samples: [{ timeMs: Date.parse(time), device: 'main', speedKmh: 50 }] }];
  const forms: Record<string, Sent> = {
    structured: { contentType: structured, body: event() },
    'structured with a list of samples': {
      contentType: structured,
      body: event({ samples: [{ time, speedKmh: 50 }] }),
    },
    'a batch': { contentType: batch, body: [event()] },
    binary: {
      body: { time, speedKmh: 50 },
      headers: {
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '/edge/car-1',
        'ce-type': 'fleet.telemetry.reported',
        'ce-subject': 'car-1',
      },
    },
    'plain JSON that names the vehicle': { body: { vehicle: 'car-1', time, speedKmh: 50 } },
    'plain JSON of a token bound to one vehicle': { body: { time, speedKmh: 50 } },
    gzip: { contentType: batch, headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify([event()])) },
    'a byte order mark': { body: `\ufeff${JSON.stringify({ time, speedKmh: 50 })}` },
    'null for optional attributes': {
      contentType: structured,
      body: event(undefined, { time: null, dataschema: null }),
    },
    'a charset': { contentType: `${structured}; charset=UTF-8`, body: event() },
  };
  for (const [name, sent] of Object.entries(forms)) {
    it(name, async () => {
      const { post, appended, published } = setUp();
      expect(await post(sent)).toMatchObject({ status: 202, accepted: 1, receipt: '1' });
      expect(appended).toEqual(expected);
      expect(published).toMatchObject([{ type: 'fleet.telemetry.accepted', subject: 'car-1', partitionkey: 'car-1' }]);
    });
  }

  it('an empty batch, without a receipt', async () => {
    expect(await setUp().post({ contentType: batch, body: [] })).toMatchObject({
      status: 202,
      accepted: 0,
      receipt: null,
    });
  });

  it('one event to the broker per vehicle and 500 samples', async () => {
    const { post, published } = setUp();
    const samples = Array.from({ length: 1_100 }, (_, i) => ({
      time: new Date(nowMs - i * 1000).toISOString(),
      speedKmh: 1,
    }));
    await post({ contentType: structured, body: event({ samples }) });
    expect(published.map(({ data }) => (data as { samples: unknown[] }).samples.length)).toEqual([500, 500, 100]);
    expect(new Set(published.map(({ id }) => id)).size).toBe(3);
  });

  it('none for an event that reports no samples', async () => {
    const { post, published } = setUp();
    const token = { vehicles: ['*'] };
    const body = [event({ samples: [] }, { subject: 'car-2' }), event()];
    expect(await post({ contentType: batch, body, token })).toMatchObject({ status: 202, accepted: 1 });
    expect(published).toMatchObject([{ subject: 'car-1' }]);
  });
});

describe('ingest refuses', () => {
  const cases: [name: string, status: number, sent: Sent, error?: object][] = [
    ['no token', 401, { body: {}, headers: { authorization: '' } }],
    ['an unknown token', 401, { body: {}, headers: { authorization: 'Bearer nobody.secret' } }],
    ['a token without the scope', 403, { body: {}, token: { scopes: ['read'] } }],
    [
      'another vehicle hidden in batch[7]',
      403,
      {
        contentType: batch,
        body: Array.from({ length: 9 }, (_, i) => event(undefined, i === 7 ? { subject: 'car-2' } : {})),
      },
      { index: 7, pointer: '/subject', code: 'forbidden-vehicle', detail: 'the token is not bound to car-2' },
    ],
    ['no content type', 400, { contentType: null, body: {} }],
    ['another media type', 415, { contentType: 'application/cloudevents+avro', body: {} }],
    ['another charset', 415, { contentType: `${structured}; charset=utf-16`, body: event() }],
    ['another encoding', 415, { body: {}, headers: { 'content-encoding': 'br' } }],
    ['what says gzip and is not', 400, { body: '{}', headers: { 'content-encoding': 'gzip' } }],
    ['an empty body', 400, { body: '' }],
    ['text that is no JSON', 400, { body: '{"a":' }],
    ['bytes that are no UTF-8', 400, { body: Uint8Array.of(0x22, 0xe9, 0x22) }],
    ['an array as one event', 400, { contentType: structured, body: [event()] }],
    ['an object as a batch', 400, { contentType: batch, body: event() }],
    ['a scalar', 400, { body: '1' }],
    [
      'a bad attribute',
      400,
      { contentType: batch, body: [event(), event(undefined, { id: 7 })] },
      { index: 1, pointer: '/id' },
    ],
    ['another specversion', 400, { contentType: structured, body: event(undefined, { specversion: '0.9' }) }],
    [
      'an unknown type',
      422,
      { contentType: structured, body: event(undefined, { type: 'x' }) },
      { code: 'unknown-type' },
    ],
    ['a vehicle id with a quote', 422, { body: { vehicle: 'car"1', time, speedKmh: 1 }, token: { vehicles: ['*'] } }],
    ['no vehicle of a token for all', 422, { body: { time, speedKmh: 1 }, token: { vehicles: ['*'] } }],
    [
      'a latitude of 91',
      422,
      {
        contentType: structured,
        body: event({
          samples: [
            { time, speedKmh: 1 },
            { time, latitude: 91, longitude: 0 },
          ],
        }),
      },
      { index: 0, pointer: '/data/samples/1/latitude' },
    ],
    ['a number as text', 422, { body: { time, speedKmh: '50' } }, { pointer: '/data/speedKmh' }],
    ['an infinite number', 422, { body: `{"time":"${time}","speedKmh":1e400}` }],
    [
      'an unknown field',
      422,
      { body: { time, speedKmh: 1, 'a/b': 1 } },
      { pointer: '/data/a~1b', code: 'unknown-field' },
    ],
    ['__proto__', 400, { body: `{"time":"${time}","speedKmh":1,"__proto__":{"a":1}}` }],
    [
      'a future sample',
      422,
      { body: { time: '2026-01-10T12:05:01Z', speedKmh: 1 } },
      { pointer: '/data/time', detail: 'is over 5 minutes in the future; it is 2026-01-10T12:00:00.000Z here' },
    ],
    [
      'a sample over 5 days old',
      422,
      { body: { time: '2026-01-05T11:59:59Z', speedKmh: 1 } },
      { code: 'time-out-of-range', detail: 'is older than 5 days; it is 2026-01-10T12:00:00.000Z here' },
    ],
    ['30 February', 422, { body: { time: '2026-02-30T00:00:00Z', speedKmh: 1 } }],
  ];
  for (const [name, status, sent, error] of cases) {
    it(`${name} with ${status}, and stores nothing`, async () => {
      const { post, appended } = setUp();
      const answer = await post(sent);
      expect(answer).toMatchObject({
        status,
        type: expect.stringMatching(/^urn:fleet-telemetry:problem:/),
        instance: '/ingest',
      });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      if (error) expect(answer.errors).toContainEqual(expect.objectContaining(error));
      expect(appended).toEqual([]);
    });
  }

  it('what is no JSON, and says what is wrong with it', async () => {
    const answer = await setUp().post({ body: `{"time":"${time}","speedKmh":NaN}` });
    expect(answer.detail).toBe(`the body is not JSON: at position ${22 + time.length}: JSON has no NaN`);
  });

  it('more than its limits', async () => {
    const small = { ...defaultIngestLimits, events: 2, samples: 3, inflatedBytes: 2_048, requestsPerMinute: 600 };
    const three = Array.from({ length: 3 }, () => event());
    expect((await setUp(small).post({ contentType: batch, body: three })).status).toBe(413);
    const samples = Array.from({ length: 4 }, () => ({ time, speedKmh: 1 }));
    expect((await setUp(small).post({ contentType: structured, body: event({ samples }) })).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    expect((await setUp(small).post({ body: bomb, headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
    const slow = await setUp({ ...small, requestsPerMinute: 1 });
    expect((await slow.post({ body: { time, speedKmh: 1 } })).status).toBe(202);
  });

  it('what the store does not take, with Retry-After', async () => {
    const broken = { append: () => Promise.reject(new StoreUnavailable('disk full', { retryAfterS: 7 })) };
    const answer = await setUp(defaultIngestLimits, broken).post({ body: { time, speedKmh: 1 } });
    expect(answer).toMatchObject({ status: 503, type: 'urn:fleet-telemetry:problem:store-unavailable' });
    expect(answer.headers['retry-after']).toBe('7');
    expect(JSON.stringify(answer)).not.toContain('disk full');
  });

  it('never with the body or the token in the answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Za-z]{24}$/), async (secret) => {
        for (const body of [`{"time":"${secret}`, { time: secret, speedKmh: 1 }, { time, speedKmh: secret }]) {
          expect(JSON.stringify(await setUp().post({ body }))).not.toContain(secret);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('ingest and the CloudEvents SDK', () => {
  it('agree on what is a valid event in structured mode', async () => {
    const attribute = fc.oneof(fc.constantFrom('a', '1', '/x', '', null), fc.integer(), fc.constant(undefined));
    const events = fc.record({
      id: attribute,
      source: fc.constantFrom('/x', '', undefined),
      type: fc.constant('fleet.telemetry.reported'),
      subject: fc.constant('car-1'),
      extension1: fc.oneof(fc.constant('x'), fc.integer({ min: -5, max: 5 }), fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(events, async (attributes) => {
        const message = { specversion: '1.0', data: { time, speedKmh: 1 }, ...attributes };
        const body = JSON.stringify(message);
        let valid = true;
        try {
          const parsed = HTTP.toEvent({ headers: { 'content-type': structured }, body });
          valid = (parsed as CloudEvent).validate();
        } catch {
          valid = false;
        }
        // The SDK makes up an id and lets an empty string pass, which the specification forbids (§3.1: non-empty).
        if (valid && typeof attributes.id === 'string' && attributes.id !== '' && attributes.source) {
          expect((await setUp().post({ contentType: structured, body })).status).toBe(202);
        }
        if (!valid) expect((await setUp().post({ contentType: structured, body })).status).toBe(400);
      }),
    );
  });
});
