import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIngress } from './ingress.ts';
import {
  anEvent,
  aRuntime,
  brokerYaml,
  externalYaml,
  serviceYaml,
  sliceYaml,
  toQuarantine,
  triggerYaml,
} from './test-runtime.ts';

/** The ingress and subscribers by `uri`, over real sockets: they are what is tested. */

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(listener: Listener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Received {
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A subscriber elsewhere. */
async function aServer(answer: (response: ServerResponse) => void) {
  const received: Received[] = [];
  const uri = await listen(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    received.push({ headers: incoming.headers, body: Buffer.concat(chunks) });
    answer(response);
  });
  return { uri: `${uri}/`, received };
}

const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'test.asked' };

describe('ingress', () => {
  async function anIngress(limits = {}) {
    const made = await aRuntime([brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')], { a() {} }, limits);
    const url = await listen(express().use(createIngress(made.runtime.publish, made.metrics)));
    const post = (path: string, headers: Record<string, string>, body?: string | Uint8Array<ArrayBuffer>) =>
      fetch(url + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
    return { ...made, url, post };
  }

  it('takes binary and structured events, 1.0 and 0.3, with any content', async () => {
    const { post, settle, seen } = await anIngress();
    const send = async (headers: Record<string, string>, body: string) =>
      (await post('/fleet/default', headers, body)).status;
    expect(await send({ ...binary, 'content-type': 'application/json' }, '{"a":1}')).toBe(202);
    expect(await send({ ...binary, 'content-type': 'application/xml' }, '<a/>')).toBe(202);
    expect(await send({ ...binary, 'content-type': 'application/x-thrift' }, '\x00')).toBe(202);
    expect(await send({ ...binary, 'ce-specversion': '0.3', 'content-type': 'text/plain' }, 'a')).toBe(202);
    expect(await send({ 'content-type': 'application/cloudevents+json' }, JSON.stringify(anEvent({ data: [1] })))).toBe(
      202,
    );
    await settle();
    expect(seen.a?.map(({ event }) => [event.specversion, event.data ?? event.data_base64])).toEqual([
      ['1.0', { a: 1 }],
      ['1.0', 'PGEvPg=='],
      ['1.0', 'AA=='],
      ['0.3', 'YQ=='],
      ['1.0', [1]],
    ]);
  });

  it('does not take a sender that goes in the middle for a failure of its own', async () => {
    const { runtime, metrics } = await anIngress();
    const failures: unknown[] = [];
    const note: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error);
      response.end();
    };
    let gone = () => {};
    const left = new Promise<void>((resolve) => (gone = resolve));
    const app = express().use((_request, response, next) => {
      response.on('close', gone);
      next();
    });
    const url = await listen(app.use(createIngress(runtime.publish, metrics)).use(note));
    const half = request(`${url}/fleet/default`, { method: 'POST', headers: { ...binary, 'content-length': 100 } });
    half.on('error', () => {}).write('half', () => half.destroy());
    await left;
    await new Promise(setImmediate);
    expect(failures).toEqual([]);
  });

  it('answers OPTIONS and refuses other methods, and counts them', async () => {
    const { url, metrics } = await anIngress();
    const options = await fetch(`${url}/fleet/default`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([200, 'POST, OPTIONS']);
    expect(options.headers.get('webhook-allowed-origin')).toBe('*');
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
      expect((await fetch(`${url}/fleet/default`, { method })).status, method).toBe(405);
    }
    expect(metrics.counts.get('fleet_ingress_requests_total{status="405"}')).toBe(4);
  });

  it.each([
    ['/', binary, 404],
    ['/fleet', binary, 400],
    ['/fleet/default/more', binary, 400],
    ['/fleet/default/', binary, 202],
    ['/fleet/default?x=1', binary, 404],
    ['/fleet/default?x=/', binary, 404],
    ['/fleet/default?x=/y', binary, 400],
    ['/fleet/other', binary, 404],
    ['/fleet/other', { 'ce-id': '1' }, 400],
    ['/fleet/default', { 'ce-id': '1' }, 400],
    ['/fleet/default', { ...binary, 'ce-specversion': '19.0' }, 400],
    ['/fleet/default', { ...binary, 'ce-knativebrokerttl': '1' }, 400],
    ['/fleet/other', { ...binary, 'ce-knativebrokerttl': '1' }, 404],
    ['/fleet/default', { 'content-type': 'application/cloudevents-batch+json' }, 400],
  ] as [string, Record<string, string>, number][])('checks in order: %s %j is %i', async (path, headers, status) => {
    const { post } = await anIngress();
    expect((await post(path, headers)).status).toBe(status);
  });

  it('refuses a body over 1 MiB, announced or not, and goes on', async () => {
    const { post, url } = await anIngress();
    expect((await post('/fleet/default', binary, new Uint8Array(1_048_577))).status).toBe(413);
    const chunked = await new Promise((resolve, reject) => {
      const outgoing = request(`${url}/fleet/default`, { method: 'POST', headers: binary }, ({ statusCode }) =>
        resolve(statusCode),
      );
      outgoing.on('error', reject);
      outgoing.write(Buffer.alloc(600_000));
      outgoing.write(Buffer.alloc(600_000));
    });
    expect(chunked).toBe(413);
    expect((await post('/fleet/default', binary, new Uint8Array(1_048_576))).status).toBe(202);
  });

  it('answers 429 when it is full and 503 when it is off, with the time to come again', async () => {
    const { post, runtime } = await anIngress({ backlog: { events: 0, bytes: 0 } });
    const full = await post('/fleet/default', binary);
    expect([full.status, full.headers.get('retry-after')]).toEqual([429, '1']);
    runtime.setBrokerOff(true);
    expect((await post('/fleet/default', binary)).status).toBe(503);
  });

  it('refuses JSON nested without end', async () => {
    const { post } = await anIngress();
    const headers = { ...binary, 'content-type': 'application/json' };
    expect((await post('/fleet/default', headers, '['.repeat(100_000) + ']'.repeat(100_000))).status).toBe(400);
  });
});

describe('subscribers by ref to a Service elsewhere', () => {
  const to = (rest = '') =>
    triggerYaml('out', 'away').replace('{ref: {apiVersion: serving.knative.dev/v1', `{${rest}ref: {apiVersion: v1`);

  it.each([
    ['', '/'],
    ['uri: "/in/box?x=1", ', '/in/box?x=1'],
  ])('are called at the address of its EndpointSlice, on the path of %j', async (rest, path) => {
    const paths: (string | undefined)[] = [];
    const uri = await listen((incoming, response) => {
      paths.push(incoming.url);
      response.writeHead(422).end();
    });
    const { port } = new URL(uri);
    const yaml = [
      brokerYaml(`{retry: 0, ${toQuarantine}}`),
      serviceYaml('quarantine'),
      externalYaml('away', '{ports: [{port: 80}]}'),
      sliceYaml('away', '127.0.0.1', Number(port)),
      to(rest),
    ];
    const { runtime, seen, settle } = await aRuntime(yaml, { quarantine() {} });
    await runtime.publish(anEvent());
    await settle();
    expect(paths).toEqual([path]);
    const address = `http://away.fleet.svc.cluster.local${path === '/' ? '' : path}`;
    expect(seen.quarantine?.[0]?.event).toMatchObject({ knativeerrordest: address, knativeerrorcode: '422' });
  });

  it('are called on port 80 of an external name; without an address they are not ready', async () => {
    const named = await aRuntime(
      [brokerYaml(), externalYaml('away', '{type: ExternalName, externalName: a.example}'), to()],
      {},
    );
    expect(named.runtime.topology().triggers[0]?.subscriber?.resolved).toEqual({
      address: 'http://away.fleet.svc.cluster.local',
      target: { kind: 'server', url: 'http://a.example' },
    });
    const nowhere = await aRuntime([brokerYaml(), externalYaml('away', '{ports: [{port: 80}]}'), to()], {});
    const message = 'services "away" has no endpoint that is ready';
    expect(nowhere.runtime.topology().triggers[0]?.fault?.message).toBe(message);
    const unready = sliceYaml('away', '127.0.0.1', 1).replace(']}]', '], conditions: {ready: false}}]');
    await nowhere.change(brokerYaml(), externalYaml('away', '{ports: [{port: 80}]}'), to(), unready);
    expect(nowhere.runtime.topology().triggers[0]?.fault?.message).toBe(message);
  });
});

describe('subscribers by uri', () => {
  const onType = 'filter: {attributes: {type: test.asked}}';

  async function deliver(uri: string, delivery = '{retry: 0}', event = anEvent(), baggage = {}) {
    const yaml = [
      brokerYaml(delivery),
      serviceYaml('quarantine'),
      serviceYaml('answers'),
      triggerYaml('out', uri, onType),
      triggerYaml('back', 'answers', 'filter: {attributes: {type: test.answered}}'),
    ];
    const made = await aRuntime(yaml, { quarantine() {}, answers() {} });
    await made.runtime.publish(event, 'fleet/default', baggage);
    await made.settle();
    return made;
  }

  it('get events in binary mode, with Prefer: reply and the headers that travel along', async () => {
    const { uri, received } = await aServer((response) => response.writeHead(202).end());
    const { runtime } = await deliver(uri, undefined, anEvent({ subject: 'é', data: { a: 1 } }), {
      headers: { traceparent: '00-a-b-01' },
    });
    expect(received).toHaveLength(1);
    expect(received[0]?.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-subject': '%C3%A9',
      'ce-knativearrivaltime': '2026-01-01T12:00:00.000Z',
      'content-type': 'application/json',
      prefer: 'reply',
      traceparent: '00-a-b-01',
    });
    expect(received[0]?.headers).not.toHaveProperty('ce-knativebrokerttl');
    expect(received[0]?.body.toString()).toBe('{"a":1}');
    expect(runtime.status().triggers[0]?.delivered).toBe(1);
  });

  it('get events whose traceparent is none, and no such header', async () => {
    const { uri, received } = await aServer((response) => response.writeHead(202).end());
    await deliver(uri, undefined, anEvent({ traceparent: '日本' }));
    expect(received.map(({ headers }) => headers.traceparent)).toEqual([undefined]);
    expect(received[0]?.headers['ce-traceparent']).toBe('%E6%97%A5%E6%9C%AC');
  });

  it('get other events while they hang on some', async () => {
    const good: string[] = [];
    const url = await listen(({ headers }, response) => {
      if (headers['ce-subject'] === 'poison') return;
      good.push(String(headers['ce-id']));
      response.writeHead(202).end();
    });
    const made = await aRuntime([brokerYaml('{timeout: PT5M}'), triggerYaml('out', url)], {});
    for (let number = 0; number < 100; number += 1) {
      await made.runtime.publish(anEvent({ id: `poison-${number}`, subject: 'poison' }));
    }
    await made.runtime.publish(anEvent({ id: 'good' }));
    while (good.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(made.runtime.status().queue.events).toBe(100);
    await made.clock.advance(300_000);
    await made.runtime.idle();
    expect(made.runtime.status().triggers[0]).toMatchObject({ delivered: 1, dropped: 100 });
  });

  it('get a name and a password in their uri as a header', async () => {
    const { uri, received } = await aServer((response) => response.writeHead(202).end());
    await deliver(uri.replace('//', '//me:p%40ss%zz@'));
    const pair = Buffer.from('me:p@ss%zz').toString('base64');
    expect(received.map(({ headers }) => headers.authorization)).toEqual([`Basic ${pair}`]);
  });

  it('get the data of a PingSource to the byte, where a function finds it read', async () => {
    const { uri, received } = await aServer((response) => response.writeHead(202).end());
    const data = '{ "n": 12345678901234567890 }';
    const ping = (name: string, sink: string) => `apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: ${name}, namespace: fleet}
spec: {schedule: "* * * * *", contentType: application/json; charset=utf-8, data: '${data}', sink: {${sink}}}
`;
    const toFunction = 'ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: a}';
    const yaml = [serviceYaml('a'), ping('out', `uri: "${uri}"`), ping('in', toFunction)];
    const made = await aRuntime(yaml, { a() {} });
    await made.runtime.start();
    await made.clock.advance(60_000, made.runtime.settled);
    expect(received.map(({ body }) => body.toString())).toEqual([data]);
    expect(received[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(made.seen.a?.map(({ event }) => event.data)).toEqual([JSON.parse(data)]);
  });

  it.each(['binary', 'structured'])('reply in %s mode, 100 kB and unmodified, exactly once', async (mode) => {
    const data = { text: 'x'.repeat(100_000) };
    const reply = anEvent({ id: '2', type: 'test.answered', datacontenttype: 'application/json', data });
    const { uri, received } = await aServer((response) => {
      if (mode === 'structured')
        return response.setHeader('content-type', 'application/cloudevents+json').end(JSON.stringify(reply));
      const attributes = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/test', 'ce-type': 'test.answered' };
      return response.writeHead(200, { ...attributes, 'content-type': 'application/json' }).end(JSON.stringify(data));
    });
    const { seen } = await deliver(uri, undefined, anEvent({ data }));
    expect(JSON.parse(String(received[0]?.body))).toEqual(data);
    expect(seen.answers).toHaveLength(1);
    expect(seen.answers?.[0]?.event).toMatchObject(reply);
  });

  it('reply within the trace they were asked in, unless they say another', async () => {
    for (const [own, expected] of [
      [{}, '00-a-b-01'],
      [{ traceparent: '00-c-d-01' }, '00-c-d-01'],
    ] as const) {
      const next = await aServer((response) => response.end());
      const attributes = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/test', 'ce-type': 'test.answered' };
      const { uri } = await aServer((response) => response.writeHead(200, { ...attributes, ...own }).end());
      const answered = triggerYaml('next', next.uri, 'filter: {attributes: {type: test.answered}}');
      const made = await aRuntime([brokerYaml(), triggerYaml('out', uri, onType), answered], {});
      await made.runtime.publish(anEvent(), 'fleet/default', { headers: { traceparent: '00-a-b-01' } });
      await made.settle();
      expect(next.received[0]?.headers.traceparent).toBe(expected);
    }
  });

  it('get data as it came, to the byte', async () => {
    const { uri, received } = await aServer((response) => response.end());
    const dataBytes = Buffer.from('{ "n": 1.0 }');
    await deliver(uri, undefined, anEvent({ datacontenttype: 'application/json', data: { n: 1 } }), { dataBytes });
    expect(received[0]?.body).toEqual(dataBytes);
  });

  it('answering junk with a success is a 502, tried again and then a dead letter', async () => {
    const { uri, received } = await aServer((response) => response.end('OK'));
    const { seen, metrics } = await deliver(uri, `{retry: 2, ${toQuarantine}}`);
    expect(received).toHaveLength(3);
    expect(metrics.counts.get('fleet_delivery_failures_total{trigger="out",reason="no_event"}')).toBe(3);
    expect(seen.quarantine?.[0]?.event).toMatchObject({ knativeerrordest: uri, knativeerrorcode: '502' });
  });

  it('answering with a broken event is a 502 too', async () => {
    const { uri } = await aServer((response) => response.writeHead(200, { 'ce-specversion': '19.0' }).end());
    const { seen } = await deliver(uri, `{retry: 0, ${toQuarantine}}`);
    expect(seen.quarantine?.[0]?.event.knativeerrorcode).toBe('502');
  });

  it('refusing have their status and body in the dead letter; a redirect is not followed', async () => {
    const { uri, received } = await aServer((response) => response.writeHead(302, { location: '/' }).end('moved'));
    const { seen, metrics } = await deliver(uri, `{retry: 3, ${toQuarantine}}`);
    expect(received).toHaveLength(1);
    expect(metrics.counts.get('fleet_delivery_failures_total{trigger="out",reason="302"}')).toBe(1);
    expect(seen.quarantine?.[0]?.event).toMatchObject({
      knativeerrorcode: '302',
      knativeerrordata: Buffer.from('moved').toString('base64'),
    });
  });

  it('that cannot be reached are named in the dead letter', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const uri = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    await new Promise((resolve) => closed.close(resolve));
    const { seen, runtime, metrics } = await deliver(uri, `{retry: 1, ${toQuarantine}}`);
    expect(runtime.status().triggers[0]).toMatchObject({ retried: 1, deadLettered: 1 });
    expect(metrics.counts.get('fleet_delivery_failures_total{trigger="out",reason="unreachable"}')).toBe(2);
    expect(seen.quarantine?.[0]?.event).toMatchObject({ knativeerrordest: uri, knativeerrorcode: '500' });
  });

  it('that hang are given up after the timeout, their connection closed', async () => {
    let closed = () => {};
    const hungUp = new Promise<void>((resolve) => (closed = resolve));
    const { uri, received } = await aServer((response) => response.on('close', () => closed()));
    const yaml = [brokerYaml('{retry: 0, timeout: PT2S}'), triggerYaml('out', uri, onType)];
    const { runtime, clock } = await aRuntime(yaml, {});
    await runtime.publish(anEvent());
    while (received.length === 0) await new Promise(setImmediate);
    await clock.advance(2_000);
    await runtime.idle();
    await hungUp;
    expect(runtime.status().triggers[0]).toMatchObject({ dropped: 1 });
  });
});
