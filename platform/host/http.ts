import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BearerFailure } from '../../functions/lib/auth/bearer.ts';
import type { HttpAnswer, HttpContext, HttpFunction, Ports } from '../../functions/lib/ports.ts';
import { problem } from '../../functions/lib/problem.ts';
import { readTraceparent } from '../../functions/lib/telemetry/trace.ts';
import { type Admission, NoRoom, type Refused } from './admission.ts';
import { tracedPorts } from './trace.ts';

/** An HTTP function that is initialised once and then called. */
export interface ServedFunction {
  module: HttpFunction<unknown>;
  state: unknown;
  ports: Ports;
  /** Body on the wire, bytes. */
  maxBodyBytes: number;
}

export async function serveFunction(
  module: HttpFunction<unknown>,
  ports: Ports,
  maxBodyBytes: number,
): Promise<ServedFunction> {
  return { module, state: await module.init?.(ports), ports, maxBodyBytes };
}

export type PathHandler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/**
 * Hands requests to an HTTP function: raw body in, one answer out. No body parser, no per-request log on this path.
 *
 * @param trustsLoopback whether a connection from this machine may be its own user's
 * @param admission refuses what is too much
 */
export function httpHandler(
  { module, state, ports, maxBodyBytes }: ServedFunction,
  trustsLoopback: boolean,
  admission?: Admission,
): PathHandler {
  return async (request, response, path) => {
    const refusal = admission?.refusal();
    if (refusal) return refuse(response, refusal);
    let heldBytes = 0;
    let begunBytes = 0;
    admission?.enter();
    try {
      if (admission && !isSmall(request)) {
        const who = ports.auth.authenticate(request.headers.authorization, request.socket);
        if (!who.ok) {
          ports.metrics.count('fleet_requests_refused_total', 1, { code: who.code });
          return await refuseUnread(request, response, who, path);
        }
      }
      const body = await readBody(request, maxBodyBytes, (bytes) => {
        heldBytes += bytes;
        admission?.hold(bytes);
      });
      const turn = admission?.begin(heldBytes);
      if (turn) await turn;
      begunBytes = heldBytes;
      const late = admission?.refusal();
      if (late) return await refuse(response, late);
      if (body === undefined) {
        const detail = `the body is over ${maxBodyBytes} bytes`;
        // What is left of the body would be taken for the next request.
        return await send(
          response,
          problem('payload-too-large', { detail, instance: path, headers: { connection: 'close' } }),
        );
      }
      const context = new RequestContext(request, path, state, trustsLoopback);
      await send(response, await module.handle(context, body, tracedPorts(ports, context.traceparent)));
    } catch (error) {
      // Not by the request: one that was read to its end is destroyed, too.
      if (response.headersSent || response.destroyed) return void response.destroy();
      if (error instanceof NoRoom) return await refuse(response, error.refused);
      const { log } = tracedPorts(ports, readTraceparent(request.headers.traceparent));
      log.error({ error: (error as Error).message, path }, 'request failed');
      await send(response, problem('internal', { detail: 'the server failed; its log says why', instance: path }));
    } finally {
      admission?.leave(heldBytes, begunBytes);
    }
  };
}

/** So much of a body is held whoever sends it: as many as there may be requests at once fill just what there is room for. */
const smallBytes = 16_384;

function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? Infinity) <= smallBytes;
}

/** Who has no token fills no room with bodies that never end: they are dropped as they come. */
async function refuseUnread(
  request: IncomingMessage,
  response: ServerResponse,
  { code, detail }: BearerFailure,
  instance: string,
): Promise<void> {
  await readBody(request, 0);
  await send(response, problem(code, { detail, instance, headers: { connection: 'close' } }));
}

async function refuse(response: ServerResponse, { answer, quietMs }: Refused): Promise<void> {
  const { socket } = response;
  if (socket && quietMs > 0) {
    response.once('close', () => {
      // Node resumes it for the next request.
      const hold = () => void socket.pause();
      socket.on('resume', hold).pause();
      setTimeout(() => socket.off('resume', hold).resume(), quietMs).unref();
    });
  }
  await send(response, answer);
}

export async function send(response: ServerResponse, { status, headers, body }: HttpAnswer): Promise<void> {
  if (typeof body === 'string') {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    return;
  }
  response.writeHead(status, headers);
  await pipeline(Readable.from(body), response);
}

/** Query and origin are worked out when asked for: ingest never does. */
class RequestContext implements HttpContext<unknown> {
  readonly state: unknown;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string | undefined>;
  readonly traceparent?: string;
  readonly #request: IncomingMessage;
  readonly #trustsLoopback: boolean;

  constructor(request: IncomingMessage, path: string, state: unknown, trustsLoopback: boolean) {
    this.#trustsLoopback = trustsLoopback;
    this.state = state;
    this.method = request.method ?? 'GET';
    this.path = path;
    this.headers = request.headers as Record<string, string | undefined>;
    const traceparent = readTraceparent(this.headers.traceparent);
    if (traceparent !== undefined) this.traceparent = traceparent;
    this.#request = request;
  }

  get connection(): object {
    return this.#request.socket;
  }

  get query(): URLSearchParams {
    const url = this.#request.url ?? '';
    const at = url.indexOf('?');
    return new URLSearchParams(at === -1 ? '' : url.slice(at));
  }

  get loopback(): boolean {
    return this.#trustsLoopback && isLoopback(this.#request);
  }
}

/**
 * From this machine, and by its name: a page of another site that has its host name point here (DNS rebinding) names
 * itself in Host, and a proxy says that it speaks for somebody else.
 */
export function isLoopback({ socket, headers }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const address = socket.remoteAddress ?? '';
  if (!(address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.'))) return false;
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * What is left of a body that is too long is dropped up to this, bytes: who is still sending when the connection closes
 * finds an error where the answer should be, and would send the same again.
 */
const maxDroppedBytes = 33_554_432;

/**
 * Undefined when it is too long.
 *
 * @param onHeld told of each part that is kept; what it throws ends the reading
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onHeld: (bytes: number) => void = () => {},
): Promise<Uint8Array | undefined> {
  const droppedBytes = maxBytes + maxDroppedBytes;
  if (Number(request.headers['content-length'] ?? 0) > droppedBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        try {
          onHeld(chunk.length);
        } catch (error) {
          request.removeAllListeners('data').resume();
          reject(error);
        }
      } else chunks.length = 0;
      if (length > droppedBytes) resolve(undefined);
    });
    request.on('end', () => {
      if (length > maxBytes) resolve(undefined);
      else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
