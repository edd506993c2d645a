import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { eventually } from '../program.ts';
import type { Target } from './target.ts';

/** What came to a subscriber. */
export interface Received {
  atMs: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A server of this process that takes events. */
export interface Subscriber {
  uri: string;
  received: Received[];
  /** Waits until so many have come, and answers them. */
  atLeast(count: number): Promise<Received[]>;
}

/** How a subscriber answers the request of this number, from 0. */
export type Answer = (response: ServerResponse, number: number, received: Received) => void;

const delivered: Answer = (response) => response.writeHead(202).end();
/** A cluster is slower than a laptop, and retries take their time. */
const withinMs = 30_000;

/** Listens until the test ends. */
export async function aSubscriber(
  target: Pick<Target, 'name' | 'subscriberHost'>,
  answer: Answer = delivered,
): Promise<Subscriber> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { atMs: performance.now(), headers: request.headers, body: Buffer.concat(chunks) };
    answer(response, received.push(one) - 1, one);
  });
  await new Promise<void>((resolve) =>
    server.listen(0, target.name === 'local' ? '127.0.0.1' : '0.0.0.0', () => resolve()),
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    uri: `http://${target.subscriberHost}:${(server.address() as AddressInfo).port}/`,
    received,
    atLeast: (count) =>
      eventually(`${count} deliveries`, async () => (received.length >= count ? received : undefined), {
        withinMs,
        explain: () => `there were ${received.length}`,
      }),
  };
}

/** Answers with an event, in binary mode. */
export function replyWith(attributes: Record<string, string>, body = ''): Answer {
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
  return (response) =>
    response
      .writeHead(200, {
        ...{ 'ce-specversion': '1.0', 'ce-id': 'reply', 'ce-source': '/conformance/reply', ...headers },
        ...(body !== '' && { 'content-type': 'application/json' }),
      })
      .end(body);
}

/** Fails so often, and takes what comes then. */
export function failing(failures: number, status = 503, body = 'not yet'): Answer {
  return (response, number) => {
    if (number < failures) response.writeHead(status).end(body);
    else response.writeHead(202).end();
  };
}
