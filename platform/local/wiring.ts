import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { Backlog } from './backlog.ts';
import { Broker, type Subscription } from './broker.ts';
import { brokerSubscriber } from './broker-subscriber.ts';
import { Delivery } from './delivery.ts';
import { compileFilters } from './filter.ts';
import { httpSubscriber } from './http-subscriber.ts';
import type { DeliverySpec, ServiceDocument } from './manifest-schema.ts';
import { keyOf } from './manifests.ts';
import { Ping, pingBytes } from './ping.ts';
import { type DeliveryPolicy, sendWithRetries } from './retries.ts';
import type { RuntimeLimits, RuntimeOptions } from './runtime.ts';
import { type Revision, ServicePool } from './service-pool.ts';
import { Slots } from './slots.ts';
import { isDelivered, type Subscriber } from './subscriber.ts';
import type { PingNode, Resolved, Topology, TriggerNode } from './topology.ts';

/** A Broker without a delivery spec gets this one (Knative Eventing, config-br-defaults). */
const brokerDefault: DeliverySpec = {
  retry: 10,
  backoffPolicy: 'exponential',
  backoffDelayMs: 200,
  timeoutMs: undefined,
};

/** A PingSource's own tries (Knative Eventing, mtping: 50 ms, exponential, 5 times). */
const pingPolicy: DeliveryPolicy = { retry: 5, backoffPolicy: 'exponential', backoffDelayMs: 50 };

export interface WiringOptions extends Omit<RuntimeOptions, 'limits' | 'manifests'> {
  limits: RuntimeLimits;
  backlog: Backlog;
  isOff(): boolean;
}

/** One made of a manifest, with what it was made of: as long as that is the same, it stays. */
interface Wired<Part> {
  namespace: string;
  name: string;
  text: string;
  part: Part;
}

/**
 * Connects what the manifests name: brokers to triggers to subscribers, and schedules to their sinks. They can be
 * connected anew at any time, in one step: what is under way goes on as it began, and what has not changed is not touched.
 */
export class Wiring {
  readonly brokers = new Map<string, Broker>();
  readonly services: ServicePool;
  deliveries = new Map<string, Wired<Delivery>>();
  pings = new Map<string, Wired<Ping>>();
  readonly #options: WiringOptions;

  constructor(options: WiringOptions) {
    this.#options = options;
    this.services = new ServicePool(options);
  }

  /** @returns what is new among the functions; new schedules are not started yet either */
  apply(topology: Topology): Revision[] {
    const { backlog, clock, log, metrics } = this.#options;
    const keys = new Set(topology.brokers.map(({ document }) => keyOf(document)));
    for (const key of this.brokers.keys()) if (!keys.has(key)) this.brokers.delete(key);
    for (const key of keys) {
      if (!this.brokers.has(key)) this.brokers.set(key, new Broker({ key, backlog, clock, log, metrics }));
    }
    const fresh = this.services.apply(servicesOf(topology), topology.manifests.services);

    const subscriptions = new Map<string, Subscription[]>([...keys].map((key) => [key, []]));
    const deliveries: typeof this.deliveries = new Map();
    for (const node of topology.triggers) {
      const { metadata, spec } = node.document;
      const { name, namespace } = metadata;
      if (node.fault !== undefined) {
        log.warn({ trigger: name, namespace, ...node.fault }, 'trigger not ready: it is given no events');
        continue;
      }
      const text = JSON.stringify([spec, node.broker?.document.spec.delivery, node.subscriber, node.deadLetterSink]);
      const before = this.deliveries.get(keyOf(node.document));
      const part = before?.text === text ? before.part : this.#deliveryOf(node, before?.part);
      deliveries.set(keyOf(node.document), { namespace, name, text, part });
      const matches = compileFilters(spec);
      subscriptions
        .get(`${namespace}/${spec.broker}`)
        ?.push({ matches, deliver: (envelope) => part.deliver(envelope) });
    }
    this.deliveries = deliveries;
    for (const [key, own] of subscriptions) (this.brokers.get(key) as Broker).subscriptions = own;
    this.#applyPings(topology.pings);
    return fresh;
  }

  #applyPings(nodes: readonly PingNode[]): void {
    const { clock, log } = this.#options;
    const before = this.pings;
    this.pings = new Map();
    for (const { document, sink } of nodes) {
      const { name, namespace } = document.metadata;
      const { resolved } = sink;
      if (resolved === undefined) {
        log.warn({ source: name, namespace, ...sink.fault }, 'ping source not ready: it sends no events');
        continue;
      }
      const text = JSON.stringify([document, resolved]);
      const same = before.get(keyOf(document));
      if (same?.text === text) {
        this.pings.set(keyOf(document), same);
        before.delete(keyOf(document));
        continue;
      }
      const send = this.#sinkOf(name, this.#subscriberOf(resolved), pingBytes(document.spec));
      this.pings.set(keyOf(document), {
        namespace,
        name,
        text,
        part: new Ping(document, clock, (event) => void send(event)),
      });
    }
    for (const { part } of before.values()) part.stop();
  }

  #deliveryOf({ document, broker, subscriber, deadLetterSink }: TriggerNode, before: Delivery | undefined): Delivery {
    const { log, metrics } = this.#options;
    const { name, namespace } = document.metadata;
    // A delivery of the trigger replaces the broker's; only the sink is the broker's where it has none of its own, because the
    // channel behind a cluster's broker has it (Eventing 0.48.2, reconciler/subscription, resolveDeadLetterSink).
    const { deadLetterSink: _, ...policy } = document.spec.delivery ?? broker?.document.spec.delivery ?? brokerDefault;
    const options = {
      trigger: name,
      subscriber: this.#subscriberOf(subscriber?.resolved as Resolved),
      policy,
      deadLetterSink: deadLetterSink && this.#subscriberOf(deadLetterSink.resolved as Resolved),
      replies: brokerSubscriber(`${namespace}/${document.spec.broker}`, this.brokers, this.#options.isOff),
      timing: this.#timing,
      log,
      metrics,
    };
    return new Delivery(options, before?.counts);
  }

  /** Sends the events of a PingSource to its sink; one that fails after all tries is lost, as on a cluster. */
  #sinkOf(source: string, sink: Subscriber, dataBytes: Uint8Array): (event: CloudEvent) => Promise<void> {
    const { log, metrics } = this.#options;
    const timing = this.#timing;
    return async (event) => {
      timing.underWay.begin();
      const attempt = await sendWithRetries(sink, { event, hops: 0, headers: {}, dataBytes }, pingPolicy, timing);
      timing.underWay.end();
      const outcome = isDelivered(attempt) ? 'delivered' : 'dropped';
      metrics.count('fleet_pings_total', 1, { source, outcome });
      if (outcome === 'dropped') log.warn({ source, event: event.id, status: attempt.status }, 'ping dropped');
    };
  }

  #subscriberOf({ address, target }: Resolved): Subscriber {
    const { clock, limits, isOff } = this.#options;
    if (target.kind === 'broker') return brokerSubscriber(target.key, this.brokers, isOff, address);
    if (target.kind === 'function') return this.services.subscriber(target.service, address, target.path);
    const slots = new Slots(limits.requests);
    return httpSubscriber({ uri: target.url, address, slots, timeoutMs: limits.timeoutMs, clock });
  }

  get #timing() {
    return { clock: this.#options.clock, underWay: this.#options.backlog.underWay };
  }
}

/** The Services that events lead to, each once. */
function servicesOf({ triggers, pings, brokers }: Topology): Set<ServiceDocument> {
  const working = triggers.filter(({ fault }) => fault === undefined);
  const sinks = [
    ...working.flatMap(({ subscriber, deadLetterSink }) => [subscriber, deadLetterSink]),
    ...pings.map(({ sink }) => sink),
    ...brokers.map(({ deadLetterSink }) => deadLetterSink),
  ];
  return new Set(
    sinks.flatMap((sink) => (sink?.resolved?.target.kind === 'function' ? [sink.resolved.target.service] : [])),
  );
}
