import { namespace } from './target.ts';

/** A manifest as it is written in YAML. */
export interface Resource {
  apiVersion: string;
  kind: 'Broker' | 'Trigger' | 'PingSource';
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

let resources = 0;
const run = Date.now().toString(36);

/** A name that no other resource of this run or the last one has. */
export function uniqueName(kind: string): string {
  resources += 1;
  return `${kind}-${run}-${process.pid}-${resources}`;
}

export interface DeliverySpec {
  retry?: number;
  backoffPolicy?: 'linear' | 'exponential';
  backoffDelay?: string;
  timeout?: string;
  deadLetterSink?: { uri: string };
}

export function aBroker(name: string, delivery?: DeliverySpec): Resource {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: {
      name,
      namespace,
      annotations: {
        'eventing.knative.dev/broker.class': 'MTChannelBasedBroker',
        // Else a producer has its answer only after the whole chain of deliveries, retries included.
        'messaging.knative.dev/async-handler': 'true',
      },
    },
    spec: delivery === undefined ? {} : { delivery },
  };
}

export interface TriggerSpec {
  filter?: { attributes: Record<string, string> };
  filters?: object[];
  delivery?: DeliverySpec;
}

export function aTrigger(name: string, broker: string, uri: string, spec: TriggerSpec = {}): Resource {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name, namespace },
    spec: { broker, subscriber: { uri }, ...spec },
  };
}

export function aPingSource(name: string, broker: string, spec: Record<string, unknown>): Resource {
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'PingSource',
    metadata: { name, namespace },
    spec: { ...spec, sink: { ref: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: broker } } },
  };
}
