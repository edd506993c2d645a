import type { Express, Request, Response } from 'express';
import { parseHttpEvent, toBinary } from '../../functions/lib/cloudevents/http.ts';
import type { EventFunction, Ports } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { bareApp, type Health } from './app.ts';
import { readBody } from './http.ts';
import type { MetricsHost } from './metrics.ts';

export interface EventApp {
  module: EventFunction<unknown>;
  state: unknown;
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
export function eventApp({ module, state, ports, metrics, health }: EventApp): Express {
  const app = bareApp({ metrics, health });
  app.post('/', async (request, response) => {
    const body = await readBody(request, maxBodyBytes);
    if (body === undefined) return refuse(response, 413, `an event has at most ${maxBodyBytes} bytes`);
    const events = eventsOf(request, body);
    if (typeof events === 'string') return refuse(response, 400, events);
    const { traceparent } = request.headers;
    const context = { state, ...(typeof traceparent === 'string' && { traceparent }) };
    try {
      const replies: CloudEvent[] = [];
      for (const event of events) {
        const reply = await module.handle(context, event, ports);
        if (reply) replies.push(reply);
      }
      reply(response, replies);
    } catch (error) {
      const { status } = error as { status?: number };
      ports.log.warn({ error: (error as Error).message, events: events.length }, 'event failed');
      refuse(response, status ?? 500, (error as Error).message);
    }
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
