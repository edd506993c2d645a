import { unescape as percentDecoded } from 'node:querystring';
import {
  type HttpHeaders,
  isCloudEvent,
  parseHttpEvent,
  passThroughHeaders,
  toBinary,
} from '../../functions/lib/cloudevents/http.ts';
import type { Clock } from '../../functions/lib/ports.ts';
import type { Envelope } from './envelope.ts';
import type { Slots } from './slots.ts';
import { type Attempt, dispatchError, noEvent, type Subscriber, withTimeout } from './subscriber.ts';

export interface HttpSubscriberOptions {
  uri: string;
  /** Its URL on a cluster, where that is another one. */
  address: string;
  slots: Slots;
  /** Of a try without a timeout of its own. */
  timeoutMs: number;
  clock: Clock;
}

/** As at the ingress. A longer reply is refused, the longer body of a failure left out. */
const maxBodyBytes = 1_048_576;

/** A server outside this process, called in binary mode (Knative Eventing data plane, "Event delivery"). */
export function httpSubscriber({
  uri,
  address,
  slots,
  timeoutMs: ownTimeoutMs,
  clock,
}: HttpSubscriberOptions): Subscriber {
  const target = targetOf(uri);
  return {
    address,
    send: (envelope, timeoutMs = ownTimeoutMs) =>
      slots.run(() => {
        const abort = new AbortController();
        return withTimeout(clock, timeoutMs, post(target, envelope, abort.signal), () => abort.abort());
      }),
  };
}

interface Target {
  url: string;
  headers: Record<string, string>;
}

/** Name and password in a URL, which fetch refuses, become a header, as Go's client makes them. */
function targetOf(uri: string): Target {
  const url = new URL(uri);
  const { username, password } = url;
  if (username === '' && password === '') return { url: uri, headers: {} };
  Object.assign(url, { username: '', password: '' });
  const pair = Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString('base64');
  return { url: url.href, headers: { authorization: `Basic ${pair}` } };
}

async function post(target: Target, { event, dataBytes, headers }: Envelope, signal: AbortSignal): Promise<Attempt> {
  const binary = toBinary(event, dataBytes);
  let response: Response;
  let body: Uint8Array | undefined;
  try {
    response = await fetch(target.url, {
      method: 'POST',
      headers: { ...binary.headers, ...headers, ...target.headers, prefer: 'reply' },
      body: Buffer.from(binary.body),
      // A redirect is an answer like any other: not followed, not retried.
      redirect: 'manual',
      signal,
    });
    body = await readBounded(response);
  } catch (error) {
    const { message, cause } = error as Error;
    return dispatchError(cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
  if (!response.ok) return { status: response.status, body: body ?? '' };
  if (body === undefined) return noEvent(`over ${maxBodyBytes} bytes`);
  return toReply(response, body);
}

function toReply(response: Response, body: Uint8Array): Attempt {
  const headers: HttpHeaders = Object.fromEntries(response.headers);
  if (!isCloudEvent(headers)) {
    return body.length === 0 ? { status: response.status, body } : noEvent('not a CloudEvent');
  }
  const parsed = parseHttpEvent(headers, body);
  if (!parsed.ok) return noEvent(parsed.detail);
  const { event, dataBytes } = parsed;
  return { status: response.status, body, reply: { event, dataBytes, headers: passThroughHeaders(headers) } };
}

/** Undefined when it is too long; the rest is not read then. */
async function readBounded(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
