import { createHash } from 'node:crypto';
import { keyOf, type WrittenResource } from '../manifests.ts';
import { pingEvent } from '../ping.ts';
import type { BrokerNode, Fault, PingNode, Resolved, Sink, TriggerNode } from '../topology.ts';
import { type Condition, conditionsOf, isFalse, isTrue, isTrueBecause, type State, unknown } from './conditions.ts';
import { type Draft, draftOf, ownedBy, type Scene, writtenOf } from './objects.ts';

/** Brokers, triggers, ping sources and event types, with the conditions that the reconcilers of Eventing 1.21 set. */
export function eventingObjects(scene: Scene): Draft[] {
  const { brokers, triggers, pings } = scene.topology;
  const nodesByKey = <Node extends { document: Parameters<typeof keyOf>[0] }>(nodes: readonly Node[]) =>
    new Map(nodes.map((node) => [keyOf(node.document), node]));
  const pairs = <Node>(apiVersion: string, kind: string, nodes: Map<string, Node>): [WrittenResource, Node][] =>
    writtenOf(scene, apiVersion, kind).map((written) => [written, nodes.get(keyOf(written)) as Node]);

  const v1 = 'eventing.knative.dev/v1';
  return [
    ...pairs(v1, 'Broker', nodesByKey(brokers)).map(([written, node]) =>
      draftOf({ written, status: brokerStatus(node, scene) }, scene),
    ),
    ...pairs(v1, 'Trigger', nodesByKey(triggers)).map(([written, node]) => {
      const labels = { 'eventing.knative.dev/broker': node.document.spec.broker };
      return draftOf({ written, labels, status: triggerStatus(node, scene) }, scene);
    }),
    ...pairs('sources.knative.dev/v1', 'PingSource', nodesByKey(pings)).flatMap(([written, node]) => [
      draftOf({ written, status: pingStatus(node, scene) }, scene),
      ...eventTypes(written, node),
    ]),
  ];
}

function brokerStatus(node: BrokerNode, scene: Scene): Draft['status'] {
  return {
    address: { name: 'http', url: brokerUrl(keyOf(node.document), scene) },
    ...deadLetterUri(node.deadLetterSink, scene),
    conditions: brokerConditions(node, scene),
  };
}

function brokerConditions({ deadLetterSink }: BrokerNode, { status }: Scene): Condition[] {
  const off = status.broker === 'off';
  const sink = { DeadLetterSinkResolved: deadLetterState(deadLetterSink) };
  // Reconciled, it only informs (mtbroker, controller.go). A cluster that cannot resolve it leaves Ready unknown, without a
  // reason; here Ready names it.
  const missing = deadLetterSink?.fault !== undefined;
  return conditionsOf(
    {
      IngressReady: off ? isFalse('EndpointsUnavailable', 'The broker is off: every event is refused.') : isTrue,
      TriggerChannelReady: isTrue,
      FilterReady: isTrue,
      Addressable: isTrue,
      EventPoliciesReady: isTrueBecause(
        'OIDCDisabled',
        'Feature "authentication-oidc" must be enabled to support Authorization',
      ),
      ...(missing && sink),
    },
    missing ? {} : sink,
  );
}

function triggerStatus(node: TriggerNode, scene: Scene): Draft['status'] {
  const { broker, subscriber, deadLetterSink, fault } = node;
  const state: Record<string, State> = {
    BrokerReady: brokerState(node, scene),
    SubscriptionReady: unknown,
    DependencyReady: unknown,
    SubscriberResolved: unknown,
    DeadLetterSinkResolved: unknown,
    OIDCIdentityCreated: isTrueBecause('authentication-oidc feature not yet supported for this Broker class'),
  };
  if (broker === undefined || subscriber === undefined) return { conditions: conditionsOf(state) };
  state.SubscriberResolved = subscriber.fault === undefined ? isTrue : faultState(fault as Fault);
  if (subscriber.resolved === undefined) return { conditions: conditionsOf(state) };
  const subscriberUri = uriOf(subscriber.resolved, scene);
  state.DeadLetterSinkResolved = deadLetterState(deadLetterSink);
  if (fault !== undefined) return { subscriberUri, conditions: conditionsOf(state) };
  state.OIDCIdentityCreated = noIdentity;
  state.SubscriptionReady = isTrue;
  state.DependencyReady = isTrue;
  return { subscriberUri, ...deadLetterUri(deadLetterSink, scene), conditions: conditionsOf(state) };
}

/** The broker's own Ready, as a trigger takes it over. */
function brokerState({ broker, fault }: TriggerNode, scene: Scene): State {
  if (broker === undefined) return faultState(fault as Fault);
  const { type: _, ...ready } = brokerConditions(broker, scene).find(({ type }) => type === 'Ready') as Condition;
  return ready.status === 'True' ? isTrue : ready;
}

function pingStatus({ document, sink }: PingNode, scene: Scene): Draft['status'] {
  const { resolved, fault } = sink;
  if (resolved === undefined) {
    const SinkProvided = faultState(fault as Fault);
    return { conditions: conditionsOf({ SinkProvided, Deployed: unknown, OIDCIdentityCreated: noIdentity }) };
  }
  const { type, source } = pingEvent(document, 0);
  return {
    sinkUri: uriOf(resolved, scene),
    ceAttributes: [{ type, source }],
    conditions: conditionsOf({ SinkProvided: isTrue, Deployed: isTrue, OIDCIdentityCreated: noIdentity }),
  };
}

/** What a source sends to a ref is registered (Knative Eventing, source duck: makeEventTypes). */
function eventTypes(written: WrittenResource, { document, sink }: PingNode): Draft[] {
  const destination = document.spec.sink;
  if (!('ref' in destination) || sink.resolved === undefined) return [];
  const { namespace } = document.metadata;
  const { type, source } = pingEvent(document, 0);
  return [
    {
      apiVersion: 'eventing.knative.dev/v1beta2',
      kind: 'EventType',
      metadata: {
        name: createHash('sha256').update(`${type} ${source}`).digest('hex').slice(0, 32),
        namespace,
        generation: 1,
        labels: {
          'eventing.knative.dev/source': 'pingsources.sources.knative.dev',
          'eventing.knative.dev/sourceName': document.metadata.name,
        },
        ownerReferences: ownedBy(written),
      },
      spec: {
        type,
        source,
        description: 'CloudEvent type for fixed payloads on a specified cron schedule',
        reference: { namespace, ...destination.ref },
      },
      status: { observedGeneration: 1, conditions: conditionsOf({ ReferenceExists: isTrue }) },
    },
  ];
}

const noIdentity = isTrueBecause('authentication-oidc feature disabled');

function deadLetterState(sink: Sink | undefined): State {
  if (sink === undefined) return isTrueBecause('DeadLetterSinkNotConfigured', 'No dead letter sink is configured.');
  return sink.fault === undefined ? isTrue : isFalse("Unable to get the dead letter sink's URI", sink.fault.message);
}

function deadLetterUri(sink: Sink | undefined, scene: Scene): { deadLetterSinkUri?: string } {
  return sink?.resolved === undefined ? {} : { deadLetterSinkUri: uriOf(sink.resolved, scene) };
}

const faultState = ({ reason, message }: Fault): State => isFalse(reason, message);

/** A broker is where its ingress really is; functions have their names on a cluster, for nothing else calls them here. */
function uriOf({ address, target }: Resolved, scene: Scene): string {
  return target.kind === 'broker' ? brokerUrl(target.key, scene) : address;
}

function brokerUrl(key: string, { ingressUrl }: Scene): string {
  return `${ingressUrl}/${key}`;
}
