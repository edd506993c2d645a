import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { namespace } from './target.ts';
import { aWorld, brokerUrl, send } from './world.ts';

/** A request as the fixtures have it: one message of the HTTP binding. */
interface Message {
  name: string;
  clause: string;
  headers: Record<string, string>;
  body?: unknown;
  /** Refused by every router; the others are stricter than Knative's, which does not check all that is specified. */
  everywhere?: true;
  /** Valid, and yet refused by the Go SDK that Knative's ingress is made with (2.16). */
  goSdkRefuses?: true;
}

const fixtures = (name: string): Message[] =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/cloudevents/${name}.json`, import.meta.url), 'utf8'));

async function post(url: string, { headers, body }: Pick<Message, 'headers' | 'body'>): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url, { method: 'POST', headers, ...(text !== undefined && { body: text }) });
  await answer.body?.cancel();
  return answer.status;
}

describe('events of the CloudEvents specification', () => {
  const valid = fixtures('valid');
  const invalid = fixtures('invalid');

  test(`${valid.length} valid ones are taken, and delivered as they came`, async () => {
    const { target, broker, subscribers } = await aWorld([{}]);
    const checked = target.name === 'local' ? valid : valid.filter(({ goSdkRefuses }) => !goSdkRefuses);
    for (const [index, message] of checked.entries()) {
      const status = await post(brokerUrl(target, broker), message);
      expect([message.name, status]).toEqual([message.name, 202]);
      const received = (await subscribers[0]?.atLeast(index + 1)) ?? [];
      const { headers, body } = received[index] ?? expect.unreachable();
      if (message.headers['ce-id'] === undefined) {
        const { specversion } = message.body as { specversion: string };
        expect(headers['ce-specversion'], message.name).toBe(specversion);
        continue;
      }
      // Sent in binary mode, it arrives as it was, version and bytes included.
      expect(headers, message.name).toMatchObject(message.headers);
      expect(body.toString(), message.name).toBe(message.body ?? '');
    }
    await target.quiet();
    expect(subscribers[0]?.received).toHaveLength(checked.length);
  });

  test(`${invalid.length} invalid ones are answered 400, and delivered to nobody`, async () => {
    const { target, broker, subscribers } = await aWorld([{}]);
    const checked = target.name === 'local' ? invalid : invalid.filter(({ everywhere }) => everywhere);
    if (checked.length < invalid.length) {
      console.warn(`left out: ${invalid.length - checked.length} events that Knative's own ingress may not refuse`);
    }
    for (const message of checked) {
      const status = await post(brokerUrl(target, broker), message);
      expect([message.name, status]).toEqual([message.name, 400]);
    }
    await target.quiet();
    expect(subscribers[0]?.received).toEqual([]);
  });
});

describe('checks of the ingress, in their order', () => {
  const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };

  test('OPTIONS is answered, and no other method but POST', async () => {
    const { target, broker } = await aWorld([]);
    for (const url of [brokerUrl(target, broker), `${target.ingressUrl()}/`, `${target.ingressUrl()}/a/b/c`]) {
      const options = await fetch(url, { method: 'OPTIONS' });
      expect([options.status, options.headers.get('allow')]).toEqual([200, 'POST, OPTIONS']);
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
        expect([method, (await fetch(url, { method })).status]).toEqual([method, 405]);
      }
    }
  });

  test('method, path, event, broker and hops are looked at one after the other', async () => {
    const { target, broker } = await aWorld([]);
    const usedUp = { ...binary, 'ce-knativebrokerttl': '1' };
    const noEvent = { 'content-type': 'application/json' };
    const cases: [path: string, headers: Record<string, string>, status: number][] = [
      ['/', noEvent, 404],
      [`/${namespace}`, noEvent, 400],
      [`/${namespace}/${broker}/more`, binary, 400],
      [`/${namespace}/${broker}`, noEvent, 400],
      [`/${namespace}/nobody`, noEvent, 400],
      [`/${namespace}/${broker}`, { ...binary, 'ce-specversion': '19.0' }, 400],
      [`/${namespace}/${broker}`, usedUp, 400],
      [`/${namespace}/${broker}/`, binary, 202],
      [`/${namespace}/${broker}`, binary, 202],
    ];
    for (const [path, headers, status] of cases) {
      expect([path, headers, await post(target.ingressUrl() + path, { headers })]).toEqual([path, headers, status]);
    }
  });

  test('an unknown broker is a 404', async () => {
    const { target } = await aWorld([]);
    expect(await send(target, 'nobody')).toBe(404);
    if (target.name === 'local') {
      expect(await send(target, 'nobody', { attributes: { knativebrokerttl: '1' } })).toBe(404);
    }
  });

  test('an event tells when it arrived, and hides its hops', async () => {
    const { send, subscribers } = await aWorld([{}]);
    await send({ attributes: { knativebrokerttl: '7' } });
    const [one] = (await subscribers[0]?.atLeast(1)) ?? [];
    expect(Date.parse(String(one?.headers['ce-knativearrivaltime']))).toBeGreaterThan(Date.UTC(2020, 0));
    expect(one?.headers).not.toHaveProperty('ce-knativebrokerttl');
  });
});
