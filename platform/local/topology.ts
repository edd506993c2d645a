import { externalUrl } from './external-schema.ts';
import type {
  BrokerDocument,
  Destination,
  PingSourceDocument,
  Reference,
  ServiceDocument,
  TriggerDocument,
} from './manifest-schema.ts';
import { keyOf, type Manifests } from './manifests.ts';

/** What a destination comes to in this process. */
export type Target =
  | { kind: 'function'; service: ServiceDocument; path: string }
  | { kind: 'broker'; key: string }
  | { kind: 'server'; url: string };

/** A destination that leads somewhere: `address` is its URL on a cluster, which is what status and dead letters say. */
export interface Resolved {
  address: string;
  target: Target;
}

/** Why something cannot work, as the conditions of a cluster say it. */
export interface Fault {
  /** In one word, or what Knative has in its place. */
  reason: string;
  message: string;
}

/** A destination with what became of it; no `resolved` where it leads nowhere. */
export interface Sink {
  resolved?: Resolved;
  fault?: Fault;
}

export interface BrokerNode {
  document: BrokerDocument;
  address: string;
  deadLetterSink?: Sink;
  fault?: Fault;
}

export interface TriggerNode {
  document: TriggerDocument;
  broker?: BrokerNode;
  /** Not looked for where there is no broker that works. */
  subscriber?: Sink;
  deadLetterSink?: Sink;
  /** The first thing that keeps events from it. */
  fault?: Fault;
}

export interface PingNode {
  document: PingSourceDocument;
  sink: Sink;
}

/** What the manifests come to: who leads where, and what leads nowhere. */
export interface Topology {
  /** What it was made of. */
  manifests: Manifests;
  brokers: BrokerNode[];
  triggers: TriggerNode[];
  pings: PingNode[];
}

/**
 * Resolves every destination, in the order of Knative's reconcilers: a trigger without its broker, or whose subscriber or
 * dead-letter sink is not there, is given no events until it is (trigger.ReconcileKind).
 */
export function resolveTopology(manifests: Manifests): Topology {
  const sinkOf = (destination: Destination | undefined, namespace: string): Sink | undefined =>
    destination && resolveSink(destination, namespace, manifests);
  const brokers = manifests.brokers.map((document): BrokerNode => {
    const deadLetterSink = sinkOf(document.spec.delivery?.deadLetterSink, document.metadata.namespace);
    const fault = deadLetterSink?.fault && noDeadLetterSink(deadLetterSink.fault);
    return { document, address: brokerAddress(keyOf(document)), ...defined({ deadLetterSink, fault }) };
  });
  const triggers = manifests.triggers.map((document): TriggerNode => {
    const { metadata, spec } = document;
    const broker = brokers.find((one) => keyOf(one.document) === `${metadata.namespace}/${spec.broker}`);
    if (broker === undefined) {
      const message = `Broker "${spec.broker}" does not exist`;
      return { document, fault: { reason: 'BrokerDoesNotExist', message } };
    }
    if (broker.fault !== undefined) return { document, broker, fault: broker.fault };
    const subscriber = resolveSink(spec.subscriber, metadata.namespace, manifests);
    if (subscriber.fault !== undefined) {
      return {
        document,
        broker,
        subscriber,
        fault: { ...subscriber.fault, reason: "Unable to get the Subscriber's URI" },
      };
    }
    // A delivery without a sink of its own has the broker's.
    const deadLetterSink = sinkOf(spec.delivery?.deadLetterSink, metadata.namespace) ?? broker.deadLetterSink;
    const fault = deadLetterSink?.fault && noDeadLetterSink(deadLetterSink.fault);
    return { document, broker, subscriber, ...defined({ deadLetterSink, fault }) };
  });
  const pings = manifests.pingSources.map((document) => ({
    document,
    sink: resolveSink(document.spec.sink, document.metadata.namespace, manifests),
  }));
  return { manifests, brokers, triggers, pings };
}

/** The URL of a broker on a cluster (Knative Eventing, broker.ReconcileKind: httpAddress). */
export function brokerAddress(key: string): string {
  return `http://broker-ingress.knative-eventing.svc.cluster.local/${key}`;
}

/** The URL of a Service within a cluster, be it Knative's or Kubernetes'. */
export function serviceAddress(namespace: string, name: string): string {
  return `http://${name}.${namespace}.svc.cluster.local`;
}

function resolveSink(destination: Destination, namespace: string, manifests: Manifests): Sink {
  if (!('ref' in destination)) {
    return { resolved: { address: destination.uri, target: { kind: 'server', url: destination.uri } } };
  }
  const { ref, uri } = destination;
  const key = `${ref.namespace ?? namespace}/${ref.name}`;
  const base = lookUp(ref, key, manifests);
  if ('message' in base) return { fault: base };
  if (uri === undefined) return { resolved: base };
  const { pathname, search } = new URL(uri, base.address);
  const address = new URL(uri, base.address).href;
  const { target } = base;
  if (target.kind === 'broker') return { resolved: { address, target: { kind: 'broker', key: pathname.slice(1) } } };
  if (target.kind === 'function') return { resolved: { address, target: { ...target, path: pathname } } };
  return { resolved: { address, target: { kind: 'server', url: new URL(pathname + search, target.url).href } } };
}

function lookUp({ apiVersion, kind, name }: Reference, key: string, manifests: Manifests): Resolved | Fault {
  const [namespace = ''] = key.split('/');
  const address = serviceAddress(namespace, name);
  const named = <Document extends { metadata: { namespace: string; name: string } }>(documents: Document[]) =>
    documents.find((document) => keyOf(document) === key);
  if (kind === 'Broker') {
    if (named(manifests.brokers) === undefined) return notFound(key, 'brokers.eventing.knative.dev');
    return { address: brokerAddress(key), target: { kind: 'broker', key } };
  }
  if (apiVersion === 'v1') {
    const service = named(manifests.externalServices);
    if (service === undefined) return notFound(key, 'services');
    const url = externalUrl(service, manifests.endpointSlices);
    if (url === undefined) return { reason: 'NotFound', message: `services "${name}" has no endpoint that is ready` };
    return { address, target: { kind: 'server', url } };
  }
  const service = named(manifests.services);
  if (service === undefined) return notFound(key, 'services.serving.knative.dev');
  return { address, target: { kind: 'function', service, path: '/' } };
}

/** As a lister of a cluster says it, and the resolver around it. */
function notFound(key: string, resource: string): Fault {
  const name = key.slice(key.indexOf('/') + 1);
  return { reason: 'NotFound', message: `failed to get object ${key}: ${resource} "${name}" not found` };
}

function noDeadLetterSink({ message }: Fault): Fault {
  return { reason: "Unable to get the dead letter sink's URI", message };
}

function defined<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}
