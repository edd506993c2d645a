import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from './config-error.ts';
import { answerClientError, maxHeaderBytes, withSoundHeaders } from './protocol.ts';

/** A body must have arrived within this, headers within the half of it, ms; Node answers 408. */
const requestTimeoutMs = 15_000;
/** Connections at most; one costs some 20 kB. Those that stall are gone after 15 s. */
const maxConnections = 10_000;
/**
 * Of them, so many wait to be taken over at most; the system may allow fewer. Beyond it, whoever connects tries again after
 * 1, 3, 7 and 15 s: a whole fleet does so after an outage.
 */
const backlog = 4_096;
/** What is in flight is waited for this long after SIGTERM, ms: with publishing (5 s) and the broker (10 s) under 30 s. */
const drainMs = 12_000;

const inUse = 'is in use; a second server needs its own PORT, INTERNAL_PORT and FLEET_DATA';

export interface Listening {
  port: number;
  /** Takes no new connection, lets what is in flight end, within bounds. */
  close(): Promise<void>;
}

/** Listens, with the bounds of every public listener. Throws ConfigError when the port is taken. */
export async function listen(
  app: RequestListener,
  port: number,
  host: string | undefined,
  setting: string,
): Promise<Listening> {
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs / 2,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: maxHeaderBytes,
      // It is answered by us, as a problem.
      requireHostHeader: false,
    },
    withSoundHeaders(app),
  );
  server.maxConnections = maxConnections;
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? inUse : `cannot be used (${cause.message})`;
      reject(new ConfigError(`${setting}: port ${port} ${reason}`, { cause }));
    });
    server.listen({ port, backlog, ...(host !== undefined && { host }) }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const giveUp = setTimeout(() => server.closeAllConnections(), drainMs);
  // A keep-alive connection whose request ended after the close is idle only then.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(giveUp);
  clearInterval(idle);
}
