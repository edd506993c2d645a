import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { main } from './main.ts';
import type { World } from './world.ts';

/** For tests: what a run of the command said, and how it ended. */
export interface Run {
  code: number;
  out: string;
  err: string;
  /** Waits it asked for, ms. */
  waits: number[];
}

export async function run(argv: string[], env: Record<string, string> = {}, part: Partial<World> = {}): Promise<Run> {
  const result: Run = { code: 0, out: '', err: '', waits: [] };
  const world: World = {
    env,
    out: (chunk) => {
      result.out += chunk;
    },
    err: (chunk) => {
      result.err += chunk;
    },
    colour: false,
    progress: false,
    read: (path) => readFile(path, 'utf8'),
    ask: async () => undefined,
    now: Date.now,
    sleep: async (ms) => {
      result.waits.push(ms);
    },
    fetch,
    ...part,
  };
  result.code = await main(argv, env, world);
  return result;
}

/** A request as a test server saw it. */
export interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  contentType: string | undefined;
  body: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** An HTTP server on a free loopback port that answers as it is told. */
export async function serve(
  answer: (seen: Seen) => Answer | Promise<Answer>,
): Promise<{ url: string; seen: Seen[]; close(): Promise<void> }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const one: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: await text(request),
    };
    seen.push(one);
    const { status, headers = {}, body = '' } = await answer(one);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A loopback URL at which nothing listens: the port was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await serve(() => ({ status: 200 }));
  await close();
  return url;
}
