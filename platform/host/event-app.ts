import type { Express, Request, Response } from 'express';
import { parseHttpEvent, toBinary } from '../../functions/lib/cloudevents/http.ts';
import type { Ports } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { traceparentOf } from '../../functions/lib/telemetry/trace.ts';
import { bareApp, type Health } from './app.ts';
import { readBody } from './http.ts';
import type { MetricsHost } from './metrics.ts';
import { type Called, handleEvent, tracedPorts } from './trace.ts';

export interface EventApp extends Called {
  ports: Ports;
  metrics: MetricsHost;
  health: Health;
}

/** An event of 500 samples is about 300 kB; batches hold several. */
const maxBodyBytes = 4_194_304;

/**
 * An event function as Knative Serving calls it: `POST /` with a CloudEvent, binary, structured or a batch. A reply goes
 * back as 200 with an event; done without one is 202 and no body, for a body that is no event would be a 502.
 */
export function eventApp({ ports, metrics, health, ...called }: EventApp): Express {
  const app = bareApp({ metrics, health });
  app.post('/', async (request, response) => {
    const body = await readBody(request, maxBodyBytes);
    if (body === undefined) return refuse(response, 413, `an event has at most ${maxBodyBytes} bytes`);
    const events = eventsOf(request, body);
    if (typeof events === 'string') return refuse(response, 400, events);
    const replies: CloudEvent[] = [];
    for (const event of events) {
      const traceparent = traceparentOf(event, request.headers.traceparent);
      const traced = tracedPorts(ports, traceparent);
      try {
        const reply = await handleEvent(called, event, traceparent, traced);
        if (reply) replies.push(reply);
      } catch (error) {
        const { status = 500, message } = error as Error & { status?: number };
        traced.log.warn({ event: event.id, type: event.type, error: message }, 'event failed');
        return refuse(response, status, message);
      }
    }
    reply(response, replies);
  });
  app.use((_, response) => void response.status(404).end());
  return app;
}

/** The events of a request, or what is wrong with them. */
function eventsOf(request: Request, body: Uint8Array): CloudEvent[] | string {
  if (!request.headers['content-type']?.toLowerCase().startsWith('application/cloudevents-batch+json')) {
    const parsed = parseHttpEvent(request.headers, body);
    return parsed.ok ? [parsed.event] : parsed.detail;
  }
  let items: unknown;
  try {
    items = JSON.parse(Buffer.from(body).toString());
  } catch {
    return 'the batch is not JSON';
  }
  if (!Array.isArray(items)) return 'a batch must be a JSON array';
  const events: CloudEvent[] = [];
  for (const item of items) {
    const parsed = parseHttpEvent(
      { 'content-type': 'application/cloudevents+json' },
      Buffer.from(JSON.stringify(item)),
    );
    if (!parsed.ok) return `event ${events.length}: ${parsed.detail}`;
    events.push(parsed.event);
  }
  return events;
}

function reply(response: Response, replies: CloudEvent[]): void {
  const [only] = replies;
  if (!only) return void response.status(202).end();
  if (replies.length > 1) return void response.type('application/cloudevents-batch+json').send(JSON.stringify(replies));
  const { headers, body } = toBinary(only);
  response.writeHead(200, headers).end(body);
}

/**
 * At most this much of a reason. Knative's dispatcher ends in a panic over an error's body of more than 768 bytes, base64 being
 * 1024 of them, and loses all that its channel holds (Eventing 0.48.2, kncloudevents/event_dispatcher.go).
 */
const maxReasonBytes = 700;

function refuse(response: Response, status: number, detail: string): void {
  const text = Buffer.from(detail);
  const end = text.length <= maxReasonBytes ? '' : ' …';
  response
    .status(status)
    .type('text/plain')
    .send(`${text.subarray(0, maxReasonBytes).toString()}${end}\n`);
}
