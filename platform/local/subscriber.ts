import type { Clock } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { Baggage, Envelope } from './envelope.ts';

/** One try of a delivery, told in the words of HTTP whatever the subscriber is. */
export interface Attempt {
  status: number;
  /** What a failure says of itself; at most its beginning is kept. */
  body: string | Uint8Array;
  /** What went wrong, where the status does not tell. */
  failure?: Failure;
  reply?: (Baggage & { event: CloudEvent }) | undefined;
}

/** `no_event`: a success with something that is no CloudEvent. */
export type Failure = 'timeout' | 'unreachable' | 'no_event';

/** Somewhere events can be sent to: a function, a broker, or a server elsewhere. */
export interface Subscriber {
  /** Its URL on a cluster, which is what `knativeerrordest` says here too. */
  readonly address: string;
  /** Never rejects; a try takes at most `timeoutMs`, or what the subscriber itself sets where there is none. */
  send(envelope: Envelope, timeoutMs?: number): Promise<Attempt>;
}

export function isDelivered({ status }: Attempt): boolean {
  return status >= 200 && status < 300;
}

/** As Knative's dispatcher puts what never got an answer. */
export function dispatchError(detail: string, failure: Failure = 'unreachable'): Attempt {
  return { status: 500, body: `dispatch error: ${detail}`, failure };
}

/** What the broker's filter makes of a success that is no CloudEvent (Knative Eventing, filter: writeResponse). */
export function noEvent(detail: string): Attempt {
  return { status: 502, body: `reply: ${detail}`, failure: 'no_event' };
}

/**
 * Bounds a try in time. Work that does not end with `onTimeout` goes on, and its result is passed over: as with a pod
 * whose caller has hung up.
 */
export function withTimeout(
  clock: Clock,
  timeoutMs: number,
  work: Promise<Attempt>,
  onTimeout: () => void = () => {},
): Promise<Attempt> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => {
      resolve(dispatchError(`no answer within ${timeoutMs} ms`, 'timeout'));
      onTimeout();
    });
    const settle = (attempt: Attempt) => {
      cancel();
      resolve(attempt);
    };
    work.then(settle, (error: unknown) => settle(dispatchError(String(error))));
  });
}
