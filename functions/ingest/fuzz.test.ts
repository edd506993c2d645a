import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../lib/auth/authenticator.ts';
import { createToken, indexTokens, verify } from '../lib/auth/tokens.ts';
import type { HttpContext, Ports } from '../lib/ports.ts';
import { problems } from '../lib/problem.ts';
import { defaultIngestLimits } from '../lib/telemetry/limits.ts';
import type { VehicleSamples } from '../lib/telemetry/sample.ts';
import { handle, init } from './handler.ts';

/** Whatever comes is answered with 202 or a documented refusal, never with a failure, and only good samples are stored. */

const nowMs = Date.UTC(2026, 0, 10, 12);
const { token, record } = createToken({ scopes: ['ingest'], vehicles: ['car-1'], nowMs });
const index = indexTokens([record]);
const appended: VehicleSamples[] = [];
const ports = {
  store: {
    append: async (groups: readonly VehicleSamples[]) => {
      appended.push(...groups);
      return { receipt: '1' };
    },
  },
  clock: { now: () => nowMs, after: () => () => {} },
  metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
  ingestLimits: { ...defaultIngestLimits, requestsPerMinute: 1_000_000 },
  auth: createAuthenticator({ find: (presented) => verify(index, presented, nowMs) }),
  publish: async () => true,
} as unknown as Ports;
const state = init(ports);

async function post(headers: Record<string, string>, body: Uint8Array): Promise<number> {
  appended.length = 0;
  const context = {
    state,
    method: 'POST',
    path: '/ingest',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${token}`, ...headers },
    loopback: false,
  } as HttpContext<ReturnType<typeof init>>;
  const answer = await handle(context, body, ports);
  const { status, type, accepted } = JSON.parse(String(answer.body));
  if (answer.status === 202) {
    expect(appended.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(accepted);
    for (const { vehicle, samples } of appended) {
      expect(vehicle).toBe('car-1');
      for (const { timeMs } of samples) expect(Math.abs(nowMs - timeMs)).toBeLessThanOrEqual(5 * 86_400_000);
    }
  } else {
    expect(appended).toEqual([]);
    expect(problems).toHaveProperty(String(type).replace('urn:fleet-telemetry:problem:', ''));
    expect([status, status < 500]).toEqual([answer.status, true]);
  }
  return answer.status;
}

const types = fc.oneof(
  fc.constantFrom('application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'),
  fc.string(),
);
const time = fc.oneof(
  fc.constant('2026-01-10T11:59:00Z'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.string(),
);
/** Near enough to good that much of it gets far. */
const sample = fc.record(
  {
    time,
    speedKmh: fc.oneof(fc.double(), fc.constant(50)),
    device: fc.string(),
    obd: fc.array(fc.string()),
    extra: fc.jsonValue(),
  },
  { requiredKeys: ['time'] },
);
const data = fc.oneof(sample, fc.record({ samples: fc.array(fc.oneof(sample, fc.jsonValue())) }), fc.jsonValue());
const event = fc.record(
  {
    specversion: fc.oneof(
      { weight: 9, arbitrary: fc.constant<unknown>('1.0') },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    id: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>('1') }, { weight: 1, arbitrary: fc.jsonValue() }),
    source: fc.oneof(fc.constant('/edge/car-1'), fc.webUrl(), fc.string()),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant('fleet.telemetry.reported') },
      { weight: 1, arbitrary: fc.string() },
    ),
    subject: fc.oneof(fc.constantFrom('car-1', 'car-1', 'car-1', 'car-2'), fc.string()),
    time,
    data,
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type', 'subject'] },
);
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.oneof(fc.json(), fc.string()).map((text) => Buffer.from(text)),
  fc.oneof(event, fc.array(fc.oneof(event, fc.jsonValue())), data).map((value) => Buffer.from(JSON.stringify(value))),
);
/** A body with a part of it cut out, doubled or written over. */
const damaged = fc
  .tuple(bodies, fc.nat(), fc.nat(20), fc.uint8Array({ maxLength: 8 }))
  .map(([body, at, length, put]) => {
    const from = body.length === 0 ? 0 : at % body.length;
    return Buffer.concat([body.subarray(0, from), put, body.subarray(from + length)]);
  });

test('bodies of any kind under any content type', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(types, fc.oneof(bodies, damaged), fc.boolean(), async (type, body, zipped) => {
      const headers = { 'content-type': type, ...(zipped && { 'content-encoding': 'gzip' }) };
      statuses.add(await post(headers, zipped ? gzipSync(body) : body));
    }),
    { numRuns: 3_000 },
  );
  // It gets everywhere, and not only to the first check.
  expect([...statuses]).toEqual(expect.arrayContaining([202, 400, 415, 422]));
});

test('attributes of any kind in headers', async () => {
  const good = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/x',
    'ce-type': 'fleet.telemetry.reported',
    'ce-subject': 'car-1',
  };
  const others = fc.dictionary(
    fc.oneof(fc.stringMatching(/^ce-[a-z0-9_-]{0,8}$/), fc.constantFrom(...Object.keys(good))),
    fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(%[0-9A-F]{2}|[a-z])*$/)),
    { maxKeys: 3 },
  );
  await fc.assert(
    fc.asyncProperty(others, bodies, async (headers, body) => {
      await post({ 'content-type': 'application/json', ...good, ...headers }, body);
    }),
    { numRuns: 1_000 },
  );
});

test('gzip of any kind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        damaged.map((body) => gzipSync(body)),
        fc.tuple(bodies, fc.nat(255), fc.nat()).map(([body, byte, at]) => {
          const zipped = gzipSync(body);
          zipped[at % zipped.length] = byte;
          return zipped;
        }),
      ),
      async (body) => {
        await post({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, body);
      },
    ),
    { numRuns: 1_000 },
  );
});
