import type { Clock, Log, Metrics } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { readTraceparent } from '../../functions/lib/telemetry/trace.ts';
import type { Backlog } from './backlog.ts';
import { type Baggage, type Envelope, freezeAndMeasure } from './envelope.ts';
import { PublishRefused } from './errors.ts';
import type { Matches } from './filter.ts';

/** A trigger as its broker sees it. */
export interface Subscription {
  matches: Matches;
  /** Resolves when the event needs nothing more, be it delivered, dead-lettered or given up; never rejects. */
  deliver(envelope: Envelope): Promise<void>;
}

export interface BrokerOptions {
  /** `namespace/name`. */
  key: string;
  backlog: Backlog;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** Hops an event may take through the broker when it does not say (Knative Eventing, ingress: defaultTTL). */
const defaultHops = 255;

/** A Knative Broker in process: every event to every trigger that matches, in parallel, without order. */
export class Broker {
  readonly key: string;
  /** Its triggers, replaced as a whole when they change; what is under way goes on with those it began with. */
  subscriptions: readonly Subscription[] = [];
  readonly #options: BrokerOptions;

  constructor(options: BrokerOptions) {
    this.key = options.key;
    this.#options = options;
  }

  /**
   * Takes an event, which must have valid attributes, and freezes it: its subscribers share it. Returns as soon as the
   * event is queued.
   * @param origin `own` for what the runtime itself sends on: replies and pings
   * @throws {PublishRefused} when its hops are used up, or there is no room
   */
  publish(event: CloudEvent, baggage: Baggage = {}, origin: 'reported' | 'own' = 'reported'): void {
    const { backlog, clock, log } = this.#options;
    const hops = hopsLeft(event.knativebrokerttl);
    if (hops <= 0) this.#refuse(new PublishRefused('hops_used_up', 'knativebrokerttl is used up'));

    const visible: CloudEvent = { ...event, knativearrivaltime: new Date(clock.now()).toISOString() };
    delete visible.knativebrokerttl;
    const bytes = (baggage.dataBytes?.byteLength ?? 0) + this.#freeze(visible);
    if (!backlog.hold(bytes, origin))
      this.#refuse(new PublishRefused('queue_full', 'the broker holds as many events as it may'));
    this.#count('accepted');

    const envelope: Envelope = {
      event: visible,
      hops,
      headers: withTrace(visible, baggage.headers),
      dataBytes: baggage.dataBytes,
    };
    const matching = this.subscriptions.filter(({ matches }) => matches(visible));
    let open = matching.length;
    if (open === 0) {
      this.#count('unmatched');
      backlog.release(bytes);
      return;
    }
    const done = () => {
      open -= 1;
      if (open === 0) backlog.release(bytes);
      backlog.underWay.end();
    };
    for (const subscription of matching) {
      backlog.underWay.begin();
      // In a task of its own: the work of a subscriber is not done on its producer's stack.
      queueMicrotask(() => {
        subscription.deliver(envelope).then(done, (error: unknown) => {
          log.error({ broker: this.key, event: visible.id, err: error }, 'a delivery failed in the runtime itself');
          done();
        });
      });
    }
  }

  #freeze(event: CloudEvent): number {
    try {
      return freezeAndMeasure(event);
    } catch (error) {
      return this.#refuse(new PublishRefused('invalid_event', `data is ${(error as Error).message}`));
    }
  }

  #refuse(refusal: PublishRefused): never {
    this.#count(refusal.code);
    throw refusal;
  }

  #count(outcome: string): void {
    this.#options.metrics.count('fleet_broker_events_total', 1, { outcome });
  }
}

/** Absent or unreadable is the default, anything else loses one (Knative Eventing, broker.TTLDefaulter). */
function hopsLeft(value: unknown): number {
  const hops = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  // More than an Integer of CloudEvents would never be used up: 1e20 less one is 1e20.
  return typeof hops === 'number' && Math.abs(hops) < 2 ** 31 ? hops - 1 : defaultHops;
}

const none: Readonly<Record<string, string>> = Object.freeze({});

/** Without a header, an event may carry its trace as an attribute (CloudEvents, Distributed Tracing extension). */
function withTrace(event: CloudEvent, headers = none): Readonly<Record<string, string>> {
  if (event.traceparent === undefined || headers.traceparent !== undefined) return headers;
  // Another text may not even be sendable in a header.
  const traceparent = readTraceparent(event.traceparent);
  return traceparent === undefined ? headers : { ...headers, traceparent };
}
