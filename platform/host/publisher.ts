import type { Clock, Metrics } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';

/** What publishing may hold (DESIGN §2); beyond it events are dropped and counted, and the sweep repairs. */
const maxEvents = 1_000;
const maxBytes = 8_388_608;
const inFlight = 8;
const timeoutMs = 2_000;
const flushMs = 5_000;
/** A sample in an event is about so large, and its envelope; counting exactly would cost as much as sending. */
const sampleBytes = 300;
const envelopeBytes = 500;

/** How an event gets to the broker; rejects with what it did not take. */
export type Send = (event: CloudEvent) => Promise<void>;

export interface Publisher {
  /** Answers whether the broker took it. Never rejects. */
  publish(event: CloudEvent): Promise<boolean>;
  /** Waits until all is sent, at most 5 s. */
  flush(): Promise<void>;
}

/** Best-effort publishing after an answer has gone out: bounded, no retry. Without a broker everything is dropped. */
export function createPublisher(send: Send | undefined, clock: Clock, metrics: Metrics): Publisher {
  const queue: { event: CloudEvent; bytes: number; done: (taken: boolean) => void }[] = [];
  let queuedBytes = 0;
  let sending = 0;
  let whenEmpty: (() => void) | undefined;

  function drop(reason: string): boolean {
    metrics.count('fleet_events_dropped_total', 1, { reason });
    return false;
  }

  async function sendOne(event: CloudEvent, broker: Send): Promise<boolean> {
    let cancel: (() => void) | undefined;
    const timeout = new Promise<never>((_, reject) => {
      cancel = clock.after(timeoutMs, () => reject(new Error('timeout')));
    });
    try {
      await Promise.race([broker(event), timeout]);
      return true;
    } catch {
      return drop('refused');
    } finally {
      cancel?.();
    }
  }

  async function drain(broker: Send): Promise<void> {
    sending++;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      queuedBytes -= next.bytes;
      next.done(await sendOne(next.event, broker));
    }
    sending--;
    metrics.gauge('fleet_publish_queue_events', queue.length);
    if (sending === 0) whenEmpty?.();
  }

  return {
    publish(event) {
      if (!send) return Promise.resolve(drop('no-broker'));
      const bytes = envelopeBytes + sampleBytes * (samplesIn(event.data) ?? 1);
      if (queue.length >= maxEvents || queuedBytes + bytes > maxBytes) return Promise.resolve(drop('queue-full'));
      queuedBytes += bytes;
      return new Promise((done) => {
        queue.push({ event, bytes, done });
        if (sending < inFlight) void drain(send);
      });
    },
    async flush() {
      if (sending === 0) return;
      await new Promise<void>((resolve) => {
        whenEmpty = resolve;
        clock.after(flushMs, resolve);
      });
    },
  };
}

function samplesIn(data: unknown): number | undefined {
  const { samples } = (data ?? {}) as { samples?: unknown };
  return Array.isArray(samples) ? samples.length : undefined;
}
