import type { Clock } from '../../functions/lib/ports.ts';
import type { Envelope } from './envelope.ts';
import { type Attempt, isDelivered, type Subscriber } from './subscriber.ts';
import type { Tally } from './tally.ts';

/** How a delivery is tried, and tried again: a delivery spec of the manifests without its sink. */
export interface DeliveryPolicy {
  retry: number;
  backoffPolicy?: 'linear' | 'exponential' | undefined;
  backoffDelayMs?: number | undefined;
  /** Of one try; the subscriber's own bound where there is none. */
  timeoutMs?: number | undefined;
}

/** A day: far beyond any sensible back-off, and within what a timer can count (2^31 ms). */
const maxBackoffMs = 86_400_000;

/** The clock that tries wait by, and the tally that they are not in while they wait. */
export interface Timing {
  clock: Clock;
  underWay: Tally;
}

/**
 * Sends until it is delivered, or further tries are pointless or used up; answers the last try. Between tries the event
 * waits in a timer, not in one of the subscriber's slots, so that its neighbours have the subscriber to themselves.
 */
export async function sendWithRetries(
  target: Subscriber,
  envelope: Envelope,
  policy: DeliveryPolicy,
  { clock, underWay }: Timing,
  onFailure: (attempt: Attempt, again: boolean) => void = () => {},
): Promise<Attempt> {
  for (let retry = 0; ; retry += 1) {
    const attempt = await target.send(envelope, policy.timeoutMs);
    if (isDelivered(attempt)) return attempt;
    const again = retry < policy.retry && isRetryable(attempt.status);
    onFailure(attempt, again);
    if (!again) return attempt;
    underWay.end();
    await new Promise<void>((resolve) => {
      clock.after(backoffMs(policy, retry), () => {
        underWay.begin();
        resolve();
      });
    });
  }
}

/** Knative Eventing, kncloudevents.SelectiveRetry; network errors and timeouts come as 500. */
export function isRetryable(status: number): boolean {
  return status >= 500 || status === 404 || status === 408 || status === 409 || status === 429;
}

/** Milliseconds before retry number `retry`, from 0; no wait without both policy and delay. */
export function backoffMs({ backoffPolicy, backoffDelayMs = 0 }: DeliveryPolicy, retry: number): number {
  if (backoffPolicy === undefined) return 0;
  const factor = backoffPolicy === 'linear' ? retry : 2 ** retry;
  return Math.min(backoffDelayMs * factor, maxBackoffMs);
}
