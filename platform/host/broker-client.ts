import { toBinary } from '../../functions/lib/cloudevents/http.ts';
import { readTraceparent } from '../../functions/lib/telemetry/trace.ts';
import type { Config } from './config.ts';
import type { Send } from './publisher.ts';

/** Sends events to a broker's ingress over HTTP, in binary mode; rejects with what it did not take. */
export function sendToBroker({ brokerUrl, brokerOff }: Config): Send | undefined {
  if (brokerOff || brokerUrl === undefined) return undefined;
  return async (event) => {
    const { headers, body } = toBinary(event);
    const traceparent = readTraceparent(event.traceparent);
    // The publisher gives up after 2 s; this ends the request then, too.
    const response = await fetch(brokerUrl, {
      method: 'POST',
      // For the broker's own spans; the functions go by the event's attribute.
      headers: traceparent === undefined ? headers : { ...headers, traceparent },
      body: Buffer.from(body),
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the broker answered ${response.status}`);
  };
}
