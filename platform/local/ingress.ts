import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { parseHttpEvent, passThroughHeaders } from '../../functions/lib/cloudevents/http.ts';
import type { Metrics } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { Baggage } from './envelope.ts';
import { PublishRefused } from './errors.ts';

/** An event of 500 samples is about 300 kB; and what a handler may be given has to have an end. */
export const maxEventBytes = 1_048_576;

/**
 * The broker's ingress, `POST /{namespace}/{broker}`, with the checks of Knative Eventing's ingress handler in their
 * order. It answers every path, so that it belongs behind all other routes of its port.
 * @param publish rejects with {@link PublishRefused} for what the broker does not take
 */
export function createIngress(
  publish: (event: CloudEvent, broker: string, baggage: Baggage) => Promise<void>,
  metrics: Metrics,
): RequestHandler {
  return async (request, response, next) => {
    try {
      const { status, detail } = await receive(request, publish);
      metrics.count('fleet_ingress_requests_total', 1, { status: String(status) });
      response.status(status).set('allow', 'POST, OPTIONS');
      // Whoever asks may send as much as it likes (CloudEvents Web Hooks §4.2).
      if (status === 200) response.set({ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' });
      if (status === 429 || status === 503) response.set('retry-after', '1');
      // What is left of a body that is too long would be taken for the next request.
      if (status === 413) response.set('connection', 'close');
      if (detail === undefined) response.end();
      else response.type('text/plain').send(`${detail}\n`);
    } catch (error) {
      // Who sent has gone, and nobody is left to answer.
      if (response.destroyed) return;
      next(error);
    }
  };
}

interface Answer {
  status: number;
  detail?: string;
}

async function receive(request: IncomingMessage, publish: Parameters<typeof createIngress>[0]): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 200 };
  if (request.method !== 'POST') return { status: 405, detail: 'POST an event' };
  // A query is no query there: it belongs to the name of the broker, which is unknown then.
  const path = request.url ?? '/';
  if (path === '/') return { status: 404, detail: 'POST to /{namespace}/{broker}' };
  const segments = path.replace(/\/$/, '').split('/').slice(1);
  if (segments.length !== 2) return { status: 400, detail: 'the path is /{namespace}/{broker}' };

  const body = await readBody(request);
  if (body === undefined) return { status: 413, detail: `an event has at most ${maxEventBytes} bytes` };
  const parsed = parseHttpEvent(request.headers, body);
  if (!parsed.ok) return { status: 400, detail: parsed.detail };
  try {
    const { event, dataBytes } = parsed;
    await publish(event, segments.join('/'), { dataBytes, headers: passThroughHeaders(request.headers) });
    return { status: 202 };
  } catch (error) {
    if (error instanceof PublishRefused) return { status: error.status, detail: error.message };
    throw error;
  }
}

/** Undefined as soon as it is too long; the rest flows by unread while the answer goes out. */
function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxEventBytes) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
