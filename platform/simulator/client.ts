import type { Clock } from '../../functions/lib/ports.ts';

/** What became of a batch. */
export type Delivery =
  | { kind: 'accepted' }
  /** The server will never take it: sending it again is no use. */
  | { kind: 'refused'; status: number; detail: string }
  | { kind: 'gaveUp'; reason: string }
  | { kind: 'aborted' };

export interface ClientOptions {
  /** Base URL of the server; `/ingest` is added. */
  url: string;
  token: string;
  fetch: typeof fetch;
  clock: Clock;
  /** In [0, 1): spreads retries, so that a fleet does not come back in step. */
  random: () => number;
  /** Tries per batch; endless unless given, because the signal ends them. */
  attempts?: number;
}

export interface Client {
  /** Sends a batch of CloudEvents until it is accepted or refused. Never rejects. */
  send(body: string, signal: AbortSignal): Promise<Delivery>;
}

/** Back-off between tries, ms: doubles from the first to the longest, each with full jitter. */
const backOffMs = { first: 500, longest: 30_000 };
/** A server may ask to wait longer than our own back-off, but not for ever, ms. */
const longestRetryAfterMs = 120_000;
/** An answer that takes longer is no answer, ms. */
const answerTimeoutMs = 30_000;
/** A problem's text is kept up to this length: it goes to a log. */
const detailLength = 500;

const retryable = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Posts to `/ingest` as any edge client does: retries what may pass, honours Retry-After, gives up on a refusal. */
export function createClient(options: ClientOptions): Client {
  const { url, token, clock, random, attempts = Infinity } = options;
  const target = new URL('/ingest', url);

  async function post(
    body: string,
    signal: AbortSignal,
  ): Promise<Delivery | { kind: 'retry'; reason: string; afterMs: number }> {
    try {
      const response = await options.fetch(target, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents-batch+json' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      // The body is read in any case: a connection with an unread one cannot be used again.
      const text = await response.text();
      if (response.ok) return { kind: 'accepted' };
      if (!retryable.has(response.status)) {
        return { kind: 'refused', status: response.status, detail: text.slice(0, detailLength) };
      }
      const afterMs = retryAfterMs(response.headers.get('retry-after'), clock.now());
      return { kind: 'retry', reason: `answered ${response.status}`, afterMs };
    } catch (error) {
      return { kind: 'retry', reason: reasonOf(error), afterMs: 0 };
    }
  }

  return {
    async send(body, signal) {
      for (let attempt = 1; ; attempt++) {
        if (signal.aborted) return { kind: 'aborted' };
        const outcome = await post(body, signal);
        if (outcome.kind !== 'retry') return outcome;
        if (signal.aborted) return { kind: 'aborted' };
        if (attempt >= attempts) return { kind: 'gaveUp', reason: outcome.reason };
        const ceilingMs = Math.min(backOffMs.longest, backOffMs.first * 2 ** (attempt - 1));
        await sleep(clock, outcome.afterMs + random() * ceilingMs, signal);
      }
    },
  };
}

/** Resolves after this time, or at once when the signal aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}

/** Retry-After as seconds or as an HTTP date (RFC 9110 §10.2.3), ms; 0 where it is absent or nonsense. */
function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(longestRetryAfterMs, Math.max(0, waitMs)) : 0;
}

/** What fetch means by "fetch failed" stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
