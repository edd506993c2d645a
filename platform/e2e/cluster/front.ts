import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FrontOptions {
  /** Where the cluster lets traffic in, http://host:port. */
  gateway: string;
  /** Host names by the function behind them. */
  hosts: { ingest: string; query: string };
  /** For requests that have none. */
  token: string;
}

/**
 * A server of this process that hands requests to the cluster under the names that it knows: names of a cluster need not
 * resolve here. Answers its URL; it ends with the process.
 */
export async function openFront({ gateway, hosts, token }: FrontOptions): Promise<string> {
  const { hostname, port } = new URL(gateway);
  const forward = (asked: IncomingMessage, answer: ServerResponse) => {
    const host = asked.url?.startsWith('/ingest') ? hosts.ingest : hosts.query;
    const headers = { authorization: `Bearer ${token}`, ...asked.headers, host };
    const sent = request({ hostname, port, method: asked.method, path: asked.url, headers, agent: false });
    sent.on('response', (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
      got.on('error', () => answer.destroy());
    });
    sent.on('error', () => answer.destroy());
    answer.on('close', () => sent.destroy());
    asked.pipe(sent);
  };
  const server = createServer(forward).listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
