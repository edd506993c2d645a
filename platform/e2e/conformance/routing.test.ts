import { expect, test } from 'vitest';
import { replyWith } from './subscriber.ts';
import { aWorld, ids } from './world.ts';

const type = (value: string) => ({ filter: { attributes: { type: value } } });

test('a trigger without a filter gets everything, one that does not match nothing, two that match both', async () => {
  const { target, send, subscribers } = await aWorld([
    {},
    type('conformance.asked'),
    type('conformance.asked'),
    type('other'),
  ]);
  expect(await send({ attributes: { id: 'a' } })).toBe(202);
  expect(await send({ attributes: { id: 'b', type: 'something' } })).toBe(202);
  await subscribers[0]?.atLeast(2);
  await target.quiet();
  expect(subscribers.map((one) => ids(one).sort())).toEqual([['a', 'b'], ['a'], ['a'], []]);
});

test('a reply reaches the trigger it matches, and its originator when it matches that', async () => {
  let replied = false;
  const { target, send, subscribers } = await aWorld([
    {
      answer(response, number, received) {
        const first = !replied;
        replied = true;
        if (first) replyWith({ type: 'conformance.answered' })(response, number, received);
        else response.writeHead(202).end();
      },
    },
    type('conformance.answered'),
  ]);
  await send({ attributes: { id: 'asked' } });
  await subscribers[0]?.atLeast(2);
  await target.quiet();
  expect(subscribers.map(ids)).toEqual([['asked', 'reply'], ['reply']]);
});

test('100 kB arrive intact and once, and so does a reply of 100 kB', async () => {
  const [asked, answered] = ['x', 'y'].map((letter) => JSON.stringify({ text: letter.repeat(100_000) })) as [
    string,
    string,
  ];
  const { target, send, subscribers } = await aWorld([
    { ...type('conformance.asked'), answer: replyWith({ type: 'conformance.answered' }, answered) },
    type('conformance.answered'),
  ]);
  expect(await send({ headers: { 'content-type': 'application/json' }, body: asked })).toBe(202);
  await subscribers[1]?.atLeast(1);
  await target.quiet();
  expect(subscribers.map(({ received }) => received.map(({ body }) => body.toString()))).toEqual([[asked], [answered]]);
});

test('data arrives to the byte, whatever it is', async () => {
  const { send, subscribers } = await aWorld([{}]);
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const sent: [type: string, body: Uint8Array<ArrayBuffer>][] = [
    ['application/vnd.apache.thrift.binary', bytes],
    ['application/xml', new TextEncoder().encode('<a  b = "1"/>')],
    ['application/json', new TextEncoder().encode('{ "n": 1.0, "big": 12345678901234567890 }')],
    ['text/plain; charset=utf-8', new TextEncoder().encode('Zürich')],
  ];
  for (const [index, [contentType, body]] of sent.entries()) {
    expect(await send({ headers: { 'content-type': contentType }, body })).toBe(202);
    const received = (await subscribers[0]?.atLeast(index + 1)) ?? [];
    expect(received[index]?.headers['content-type']).toBe(contentType);
    expect(new Uint8Array(received[index]?.body ?? [])).toEqual(body);
  }
});

test('1.0 and 0.3 keep their version', async () => {
  const { send, subscribers } = await aWorld([{}]);
  for (const [index, specversion] of ['1.0', '0.3'].entries()) {
    expect(await send({ attributes: { specversion } })).toBe(202);
    const received = (await subscribers[0]?.atLeast(index + 1)) ?? [];
    expect(received[index]?.headers['ce-specversion']).toBe(specversion);
  }
  expect(await send({ attributes: { specversion: '19.0' } })).toBe(400);
});

test('a cycle of replies ends when its hops are used up', async () => {
  const { target, send, subscribers } = await aWorld([{ answer: replyWith({ type: 'conformance.asked' }) }]);
  expect(await send({ attributes: { knativebrokerttl: '4' } })).toBe(202);
  await subscribers[0]?.atLeast(3);
  await target.quiet();
  expect(subscribers[0]?.received).toHaveLength(3);
});

test('a delivery asks for a reply, and carries the headers that travel along', async () => {
  const { send, subscribers } = await aWorld([{}]);
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const passed = { 'x-request-id': 'r-1', 'knative-test': 'k', 'x-b3-traceid': trace };
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, authorization: 'Bearer secret', ...passed };
  await send({ headers });
  const [one] = (await subscribers[0]?.atLeast(1)) ?? [];
  expect(one?.headers).toMatchObject({ prefer: 'reply', ...passed });
  // Whoever traces may put a span of its own in between.
  expect(one?.headers.traceparent).toContain(trace);
  expect(one?.headers).not.toHaveProperty('authorization');
});
