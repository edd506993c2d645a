import type { Log, Metrics } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { traceIdOf, traceparentOf } from '../../functions/lib/telemetry/trace.ts';
import type { Baggage, Envelope } from './envelope.ts';
import { type DeliveryPolicy, sendWithRetries, type Timing } from './retries.ts';
import { type Attempt, isDelivered, type Subscriber } from './subscriber.ts';

/** What became of the deliveries of one trigger. */
export interface DeliveryCounts {
  delivered: number;
  retried: number;
  deadLettered: number;
  dropped: number;
}

export interface DeliveryOptions {
  trigger: string;
  subscriber: Subscriber;
  policy: DeliveryPolicy;
  deadLetterSink?: Subscriber | undefined;
  /** Where replies go: the trigger's broker. */
  replies: Subscriber;
  timing: Timing;
  log: Log;
  metrics: Metrics;
}

/** Delivers the events of one trigger: tries, replies, and what is left of them to the dead-letter sink. */
export class Delivery {
  readonly counts: DeliveryCounts;
  readonly #options: DeliveryOptions;

  /** @param counts those of the same trigger before it was changed */
  constructor(options: DeliveryOptions, counts?: DeliveryCounts) {
    this.#options = options;
    this.counts = counts ?? { delivered: 0, retried: 0, deadLettered: 0, dropped: 0 };
  }

  /** Never rejects. Order of steps as Knative Eventing's dispatcher has it (kncloudevents.SendMessage). */
  async deliver(envelope: Envelope): Promise<void> {
    const { subscriber, replies } = this.#options;
    const attempt = await this.#try(subscriber, envelope);
    if (!isDelivered(attempt)) return this.#bury(envelope, subscriber, attempt);
    if (attempt.reply !== undefined) {
      const back = await this.#try(replies, toReply(attempt.reply.event, envelope, attempt.reply));
      if (!isDelivered(back)) return this.#bury(envelope, replies, back);
    }
    this.#count('delivered');
  }

  #try(target: Subscriber, envelope: Envelope): Promise<Attempt> {
    const { policy, timing, metrics, trigger } = this.#options;
    return sendWithRetries(target, envelope, policy, timing, ({ failure, status }, again) => {
      metrics.count('fleet_delivery_failures_total', 1, { trigger, reason: failure ?? String(status) });
      if (again) this.#count('retried');
    });
  }

  /** The reply of a dead-letter sink goes nowhere. */
  async #bury(envelope: Envelope, target: Subscriber, { status, body }: Attempt): Promise<void> {
    const { deadLetterSink, log, trigger } = this.#options;
    const { event, headers } = envelope;
    const traceparent = traceparentOf(event, headers.traceparent);
    const fields = {
      ...{ trigger, event: event.id, type: event.type, destination: target.address, status },
      ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }),
    };
    if (deadLetterSink === undefined) {
      log.warn(fields, 'event dropped: no dead-letter sink');
      return this.#count('dropped');
    }
    const dead: CloudEvent = Object.freeze({
      ...event,
      knativeerrordest: target.address,
      knativeerrorcode: String(status),
      // At most 1024 characters after encoding (Knative Eventing, KnativeErrorDataExtensionMaxLength).
      knativeerrordata: Buffer.from(body).subarray(0, 768).toString('base64'),
    });
    const attempt = await this.#try(deadLetterSink, { ...envelope, event: dead });
    if (isDelivered(attempt)) return this.#count('deadLettered');
    log.error({ ...fields, sinkStatus: attempt.status }, 'event dropped: the dead-letter sink does not take it');
    this.#count('dropped');
  }

  #count(outcome: keyof DeliveryCounts): void {
    this.counts[outcome] += 1;
    this.#options.metrics.count('fleet_deliveries_total', 1, {
      trigger: this.#options.trigger,
      outcome: outcomeLabels[outcome],
    });
  }
}

const outcomeLabels: Record<keyof DeliveryCounts, string> = {
  delivered: 'delivered',
  retried: 'retried',
  deadLettered: 'dead_lettered',
  dropped: 'dropped',
};

/** A reply keeps the hops of the event it answers, and loses one at the broker's door. */
function toReply(reply: CloudEvent, to: Envelope, baggage: Baggage): Envelope {
  const event = { ...reply, knativebrokerttl: to.hops };
  const { traceparent } = to.headers;
  // A reply over HTTP says itself what travels with it; the trace goes on also where it does not.
  const headers = baggage.headers ? { ...(traceparent && { traceparent }), ...baggage.headers } : to.headers;
  return { event, hops: to.hops, headers, dataBytes: baggage.dataBytes };
}
