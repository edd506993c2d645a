import type { Broker } from './broker.ts';
import { PublishRefused } from './errors.ts';
import type { Subscriber } from './subscriber.ts';
import { brokerAddress } from './topology.ts';

/**
 * A broker as something to send to: replies and pings go there; answers as its ingress does, 404 where there is no such
 * broker (any more) included.
 */
export function brokerSubscriber(
  key: string,
  brokers: ReadonlyMap<string, Broker>,
  isOff: () => boolean,
  address = brokerAddress(key),
): Subscriber {
  return {
    address,
    async send({ event, headers, dataBytes }) {
      const broker = brokers.get(key);
      if (broker === undefined) return { status: 404, body: `there is no broker ${key}` };
      if (isOff()) return { status: 503, body: 'the broker is off' };
      try {
        broker.publish(event, { headers, dataBytes }, 'own');
        return { status: 202, body: '' };
      } catch (error) {
        if (error instanceof PublishRefused) return { status: error.status, body: error.message };
        throw error;
      }
    },
  };
}
