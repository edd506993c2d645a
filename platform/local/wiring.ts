import type { EventFunction } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { Activation } from './activation.ts';
import type { Backlog } from './backlog.ts';
import { Broker, type Subscription } from './broker.ts';
import { brokerSubscriber } from './broker-subscriber.ts';
import { Delivery } from './delivery.ts';
import { compileFilters } from './filter.ts';
import { functionSubscriber } from './function-subscriber.ts';
import { httpSubscriber } from './http-subscriber.ts';
import type { DeliverySpec, Destination, PingSourceDocument, ServiceDocument } from './manifest-schema.ts';
import { keyOf, refKey } from './manifests.ts';
import { type DeliveryPolicy, sendWithRetries } from './retries.ts';
import type { RuntimeLimits, RuntimeOptions } from './runtime.ts';
import { Slots } from './slots.ts';
import { isDelivered, type Subscriber } from './subscriber.ts';

/** A Broker without a delivery spec gets this one (Knative Eventing, config-br-defaults). */
const brokerDefault: DeliverySpec = {
  retry: 10,
  backoffPolicy: 'exponential',
  backoffDelayMs: 200,
  timeoutMs: undefined,
};

/** A PingSource's own tries (Knative Eventing, mtping: 50 ms, exponential, 5 times). */
const pingPolicy: DeliveryPolicy = { retry: 5, backoffPolicy: 'exponential', backoffDelayMs: 50 };

export interface WiringOptions extends Omit<RuntimeOptions, 'limits'> {
  limits: RuntimeLimits;
  backlog: Backlog;
  isOff(): boolean;
}

/** Connects what the manifests name: brokers to triggers to subscribers, and schedules to their sinks. */
export function wire(options: WiringOptions) {
  const { manifests, limits, backlog, isOff, clock, log, metrics } = options;
  const timing = { clock, underWay: backlog.underWay };
  const activations: { namespace: string; name: string; activation: Activation<EventFunction<unknown>> }[] = [];
  const functions = new Map<string, Subscriber>();
  const brokers = new Map<string, Broker>();

  const functionOf = (service: ServiceDocument): Subscriber => {
    const { name, namespace } = service.metadata;
    const [functionName] = service.spec.template.spec.containers;
    const { containerConcurrency, timeoutSeconds } = service.spec.template.spec;
    const { minScale, windowMs } = service.spec.template.metadata.annotations;
    const ports = options.portsFor(functionName);
    const load = () => options.loadFunction(functionName);
    const activation = new Activation({ name, load, ports, minScale, windowMs, clock, log, metrics });
    activations.push({ namespace, name, activation });
    return functionSubscriber({
      address: `http://${name}.${namespace}.svc.cluster.local`,
      activation,
      ports,
      slots: new Slots(containerConcurrency === 0 ? limits.concurrency : containerConcurrency),
      timeoutMs: timeoutSeconds * 1_000,
      clock,
    });
  };

  const subscriberOf = (destination: Destination, namespace: string): Subscriber => {
    if ('uri' in destination) {
      const slots = new Slots(limits.concurrency);
      return httpSubscriber({ uri: destination.uri, slots, timeoutMs: limits.timeoutMs, clock });
    }
    const key = refKey(destination.ref, namespace);
    if (destination.ref.kind === 'Broker') return brokerSubscriber(existing(brokers, key), isOff);
    let subscriber = functions.get(key);
    if (subscriber === undefined) {
      subscriber = functionOf(manifests.services.find((service) => keyOf(service) === key) as ServiceDocument);
      functions.set(key, subscriber);
    }
    return subscriber;
  };

  // Brokers first, then what hangs on them: a trigger may lead from one broker to another.
  const subscriptions = new Map<string, Subscription[]>();
  for (const broker of manifests.brokers) {
    const own: Subscription[] = [];
    subscriptions.set(keyOf(broker), own);
    brokers.set(keyOf(broker), new Broker({ key: keyOf(broker), subscriptions: own, backlog, clock, log, metrics }));
  }

  const deliveries = manifests.triggers.map(({ metadata: { name, namespace }, spec }) => {
    const broker = manifests.brokers.find((one) => keyOf(one) === `${namespace}/${spec.broker}`);
    // A delivery spec of the trigger replaces the broker's as a whole.
    const { deadLetterSink, ...policy } = spec.delivery ?? broker?.spec.delivery ?? brokerDefault;
    const delivery = new Delivery({
      trigger: name,
      subscriber: subscriberOf(spec.subscriber, namespace),
      policy,
      deadLetterSink: deadLetterSink && subscriberOf(deadLetterSink, namespace),
      replies: brokerSubscriber(existing(brokers, `${namespace}/${spec.broker}`), isOff),
      timing,
      log,
      metrics,
    });
    existing(subscriptions, `${namespace}/${spec.broker}`).push({
      matches: compileFilters(spec),
      deliver: (envelope) => delivery.deliver(envelope),
    });
    return { namespace, name, delivery };
  });

  /** Sends the events of a PingSource to its sink; one that fails after all tries is lost, as on a cluster. */
  const sinkOf = ({ metadata: { name, namespace }, spec }: PingSourceDocument) => {
    const sink = subscriberOf(spec.sink, namespace);
    return async (event: CloudEvent): Promise<void> => {
      timing.underWay.begin();
      const attempt = await sendWithRetries(sink, { event, hops: 0, headers: {} }, pingPolicy, timing);
      timing.underWay.end();
      const outcome = isDelivered(attempt) ? 'delivered' : 'dropped';
      metrics.count('fleet_pings_total', 1, { source: name, outcome });
      if (outcome === 'dropped') log.warn({ source: name, event: event.id, status: attempt.status }, 'ping dropped');
    };
  };

  return { brokers, deliveries, activations, sinkOf };
}

/** The loader has checked that every ref leads somewhere. */
function existing<T>(map: Map<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} was not checked at load`);
  return value;
}
