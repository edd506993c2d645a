import type { Cron } from 'croner';
import { isJson } from '../../functions/lib/cloudevents/http.ts';
import type { Clock } from '../../functions/lib/ports.ts';
import { type CloudEvent, eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { PingSourceDocument } from './manifest-schema.ts';
import { readSchedule } from './schedule.ts';

/** A timer counts to 2^31 ms at most, and a machine sleeps: longer waits are taken a day at a time. */
const maxWaitMs = 86_400_000;

/**
 * A PingSource: an event at each time of its schedule. Times that pass while it is stopped are not made up for; a time
 * that passes while the machine sleeps is one late event.
 */
export class Ping {
  /** Milliseconds since the epoch; undefined while stopped, and where no time is left. */
  nextMs: number | undefined;
  readonly #source: PingSourceDocument;
  readonly #clock: Clock;
  readonly #send: (event: CloudEvent) => void;
  readonly #cron: Cron;
  #cancel: () => void = () => {};

  constructor(source: PingSourceDocument, clock: Clock, send: (event: CloudEvent) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#send = send;
    const { schedule, timezone } = source.spec;
    this.#cron = readSchedule(schedule, timezone);
  }

  start(): void {
    this.#plan();
  }

  stop(): void {
    this.#cancel();
    this.nextMs = undefined;
  }

  #plan(): void {
    this.nextMs = this.#cron.nextRun(new Date(this.#clock.now()))?.getTime();
    this.#wait();
  }

  #wait(): void {
    const { nextMs } = this;
    if (nextMs === undefined) return;
    const waitMs = Math.min(Math.max(nextMs - this.#clock.now(), 0), maxWaitMs);
    this.#cancel = this.#clock.after(waitMs, () => {
      // Part of a long wait, or a timer that rang early.
      if (this.#clock.now() < nextMs) return this.#plan();
      this.#plan();
      this.#send(pingEvent(this.#source, nextMs));
    });
  }
}

/** The event of one scheduled time; its id tells the time: the same tick is the same event (CloudEvents §3.1.1). */
export function pingEvent({ metadata, spec }: PingSourceDocument, scheduledMs: number): CloudEvent {
  const event: CloudEvent = {
    specversion: '1.0',
    id: `${metadata.name}-${scheduledMs}`,
    source: `/apis/v1/namespaces/${metadata.namespace}/pingsources/${metadata.name}`,
    type: eventTypes.ping,
    time: new Date(scheduledMs).toISOString(),
  };
  if (spec.contentType !== undefined) event.datacontenttype = spec.contentType;
  const body = pingBytes(spec);
  // The same that a function finds when the event comes to it over HTTP.
  const data = isJson(spec.contentType ?? '') ? parsed(body) : undefined;
  if (data !== undefined) event.data = data;
  else if (body.length > 0) event.data_base64 = body.toString('base64');
  return Object.assign(event, spec.ceOverrides?.extensions);
}

/** Its data as it goes over HTTP, to the byte. */
export function pingBytes({ data, dataBase64 }: PingSourceDocument['spec']): Buffer {
  return dataBase64 ? Buffer.from(dataBase64, 'base64') : Buffer.from(data ?? '');
}

/** Undefined where it is no JSON: that is refused for `application/json` alone, as by the webhook. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
