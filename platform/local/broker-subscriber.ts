import type { Broker } from './broker.ts';
import { PublishRefused } from './errors.ts';
import type { Subscriber } from './subscriber.ts';

/** A broker as something to send to: replies and pings go there; answers as its ingress does. */
export function brokerSubscriber(broker: Broker, isOff: () => boolean): Subscriber {
  return {
    address: `http://broker-ingress.knative-eventing.svc.cluster.local/${broker.key}`,
    async send({ event, headers, dataBytes }) {
      if (isOff()) return { status: 503, body: 'the broker is off' };
      try {
        broker.publish(event, { headers, dataBytes });
        return { status: 202, body: '' };
      } catch (error) {
        if (error instanceof PublishRefused) return { status: error.status, body: error.message };
        throw error;
      }
    },
  };
}
