import type { Clock, Log } from '../../functions/lib/ports.ts';
import type { Car } from './car.ts';
import { createClient, sleep } from './client.ts';
import { type LiveCar, simulateLive } from './live.ts';
import { batchBodies, type ReportedEvent, reportedEvents } from './report.ts';

export interface DemoOptions {
  /** Base URL of the server. */
  url: string;
  /** A token that may ingest for all cars. */
  token: string;
  cars: readonly Car[];
  clock: Clock;
  log: Log;
  /** The past that is posted first, so that there are finished trips at once; two hours unless given. */
  historyMs?: number;
  signal: AbortSignal;
  fetch: typeof fetch;
  /** Jitter of retries, in [0, 1). */
  random: () => number;
}

export interface Demo {
  /** Resolves when the demo has stopped. A server that is down or refuses never makes it reject. */
  done: Promise<void>;
  /** Breaks off the request in flight, and resolves when nothing will be sent any more. */
  stop(): Promise<void>;
}

/** Live samples are posted this often, ms. */
const tickMs = 2_000;
/** The past is posted in pieces of this length: a few batches each, ms. */
const pieceMs = 10 * 60_000;
const defaultHistoryMs = 2 * 3_600_000;

/**
 * Makes the cars drive: posts their past as fast as the server takes it, then the present every two seconds. Both are
 * the same loop, so that after a time without server, or with the lid closed, it catches up by itself.
 */
export function runDemo(options: DemoOptions): Demo {
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const done = post(options, signal);
  return {
    done,
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

async function post(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, historyMs = defaultHistoryMs } = options;
  const client = createClient(options);
  const cars = options.cars.map((car) => simulateLive(car));
  let fromMs = clock.now() - historyMs;
  let live = false;
  let accepted = false;
  while (!signal.aborted) {
    // After a long sleep more than the history is too old to matter.
    fromMs = Math.max(fromMs, clock.now() - historyMs - pieceMs);
    const toMs = Math.min(clock.now(), fromMs + pieceMs);
    for (const body of batchBodies(eventsBetween(cars, fromMs, toMs))) {
      const delivery = await client.send(body, signal);
      if (delivery.kind === 'aborted') return;
      if (delivery.kind === 'accepted') accepted = true;
      if (delivery.kind === 'refused') {
        // `demo clear` takes away the token that was good.
        if (delivery.status === 401 && accepted)
          return log.info({}, 'the demo cars have stopped: their token was revoked');
        log.error({ status: delivery.status, detail: delivery.detail }, 'the server refused simulated samples');
        // Without the right to write, the next batch will fare no better.
        if (delivery.status === 401 || delivery.status === 403) return;
      }
    }
    fromMs = toMs;
    if (toMs < clock.now() - tickMs) continue;
    if (!live) log.info({ cars: cars.length }, 'simulated cars are live');
    live = true;
    await sleep(clock, tickMs, signal);
  }
}

/** What reaches the server in this interval, car by car. */
function* eventsBetween(cars: readonly LiveCar[], fromMs: number, toMs: number): Generator<ReportedEvent> {
  for (const car of cars) {
    const samples = [...car.deliveries(fromMs, toMs)];
    yield* reportedEvents({ vehicle: car.vehicle, samples, idPrefix: `${car.vehicle}:${fromMs}` });
  }
}
