import { toBinary } from '../../functions/lib/cloudevents/http.ts';
import type { Config } from './config.ts';
import type { Send } from './publisher.ts';

/** Sends events to a broker's ingress over HTTP, in binary mode; rejects with what it did not take. */
export function sendToBroker({ brokerUrl, brokerOff }: Config): Send | undefined {
  if (brokerOff || brokerUrl === undefined) return undefined;
  return async (event) => {
    const { headers, body } = toBinary(event);
    // The publisher gives up after 2 s; this ends the request then, too.
    const response = await fetch(brokerUrl, {
      method: 'POST',
      headers,
      body: Buffer.from(body),
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the broker answered ${response.status}`);
  };
}
