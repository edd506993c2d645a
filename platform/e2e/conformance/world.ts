import { aBroker, aTrigger, type DeliverySpec, type TriggerSpec, uniqueName } from './resources.ts';
import { type Answer, aSubscriber, type Subscriber } from './subscriber.ts';
import { namespace, openTarget, type Target } from './target.ts';

/** A trigger of a test: its subscriber, be it one of its own or at a given `uri`, and what else it says. */
export interface TriggerPlan extends TriggerSpec {
  answer?: Answer;
  uri?: string;
}

/** A broker with triggers, ready to be sent to. */
export interface World {
  target: Target;
  broker: string;
  /** Subscribers in the order of the triggers. */
  subscribers: Subscriber[];
  send(event: Message): Promise<number>;
}

/** Attributes of an event in binary mode, beside those that are always there. */
export interface Message {
  attributes?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** Makes a broker and its triggers for one test. */
export async function aWorld(triggers: readonly TriggerPlan[], delivery?: DeliverySpec): Promise<World> {
  const target = await openTarget();
  const broker = uniqueName('broker');
  const subscribers: Subscriber[] = [];
  const resources = [aBroker(broker, delivery)];
  for (const { answer, uri, ...spec } of triggers) {
    const subscriber = await aSubscriber(target, answer);
    subscribers.push(subscriber);
    resources.push(aTrigger(uniqueName('trigger'), broker, uri ?? subscriber.uri, spec));
  }
  await target.apply(resources);
  return { target, broker, subscribers, send: (message) => send(target, broker, message) };
}

/** Posts an event to a broker; answers the status. */
export async function send(target: Target, broker: string, message: Message = {}): Promise<number> {
  const { attributes = {}, headers = {}, body } = message;
  const all = { specversion: '1.0', id: '1', source: '/conformance', type: 'conformance.asked', ...attributes };
  const answer = await fetch(brokerUrl(target, broker), {
    method: 'POST',
    headers: { ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`ce-${name}`, value])), ...headers },
    ...(body !== undefined && { body }),
  });
  await answer.body?.cancel();
  return answer.status;
}

export function brokerUrl(target: Target, broker: string): string {
  return `${target.ingressUrl()}/${namespace}/${broker}`;
}

/** The ids that came to a subscriber. */
export function ids({ received }: Subscriber): unknown[] {
  return received.map(({ headers }) => headers['ce-id']);
}
