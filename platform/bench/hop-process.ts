import { fileURLToPath } from 'node:url';
import { derivedEvent } from '../../functions/lib/telemetry/derived-events.ts';
import { type CloudEvent, eventTypes } from '../../functions/lib/telemetry/events.ts';
import { systemClock } from '../host/clock.ts';
import { functionNames } from '../host/config.ts';
import { createMetrics } from '../host/metrics.ts';
import { createPublisher } from '../host/publisher.ts';
import { loadManifests } from '../local/manifests.ts';
import { createRuntime } from '../local/runtime.ts';
import type { HopOrder, HopResult } from './hop.ts';
import { quantile } from './statistics.ts';

/**
 * The local hop in a process of its own: the manifests of this checkout, the publisher and the broker as `npm start` has
 * them, and in place of the functions' work a note of when they were called.
 */
/** Of the events under way, by the number in their `subject`: when they were due, published, and handled. */
let noted: { dueAt: Float64Array; publishedAt: Float64Array; handledAt: Float64Array };
let handled = 0;

const metrics = createMetrics();
const silent = { debug() {}, info() {}, warn() {}, error: console.error };
const runtime = createRuntime({
  manifests: await loadManifests(fileURLToPath(new URL('../..', import.meta.url)), functionNames),
  loadFunction: async () => ({
    async handle(_, { subject }: CloudEvent) {
      noted.handledAt[Number(subject)] = performance.now();
      handled += 1;
      return undefined;
    },
  }),
  // No function is really called; the host alone uses its ports.
  portsFor: () => ({ log: silent, metrics }) as never,
  clock: systemClock,
  log: silent,
  metrics,
});
// Without `start`, no PingSource rings into the measurement.
const { publish } = createPublisher((event) => runtime.publish(event), systemClock, metrics);
process.on('disconnect', () => process.exit(0));
process.on('message', (order: HopOrder) => {
  void run(order).then((result) => process.send?.(result satisfies HopResult));
});
process.send?.('ready');

async function run({ events, eventsPerS, samplesPerEvent }: HopOrder): Promise<HopResult> {
  const times = () => new Float64Array(events);
  noted = { dueAt: times(), publishedAt: times(), handledAt: times() };
  handled = 0;
  const startedAt = performance.now();
  for (let number = 0; number < events; number++) {
    const dueAt = startedAt + (number * 1_000) / eventsPerS;
    // A turn of the event loop for each event, as each comes of a request of its own.
    do await new Promise(setImmediate);
    while (performance.now() < dueAt);
    const event = acceptedEvent(number, samplesPerEvent);
    noted.dueAt[number] = dueAt;
    noted.publishedAt[number] = performance.now();
    void publish(event);
  }
  await runtime.idle();
  if (handled !== events) throw new Error(`of ${events} events ${handled} were handled`);
  const since = (from: Float64Array) => noted.handledAt.map((at, number) => (at - (from[number] ?? 0)) * 1_000);
  const [hopUs, fromDueUs] = [since(noted.publishedAt), since(noted.dueAt)];
  return {
    eventsPerS: (events * 1_000) / (performance.now() - startedAt),
    p50Us: quantile(hopUs, 0.5),
    p99Us: quantile(hopUs, 0.99),
    mostUs: quantile(hopUs, 1),
    fromDueP99Us: quantile(fromDueUs, 0.99),
  };
}

/** What ingest publishes, with its number as the vehicle. */
function acceptedEvent(number: number, samplesPerEvent: number): CloudEvent {
  const nowMs = Date.now();
  const samples = Array.from({ length: samplesPerEvent }, (_, second) => ({
    timeMs: nowMs + second * 1_000,
    device: 'main',
    ...{ speedKmh: 50.5, latitude: 48.1, longitude: 11.5, headingDeg: 90, altitudeM: 519.25 },
    ...{ engineRpm: 2_000.75, engineLoadPct: 34.5, coolantC: 88, throttlePct: 18.4, fuelLevelPct: 61.2 },
  }));
  const data = { vehicle: String(number), fromMs: nowMs, toMs: nowMs, samples };
  const { accepted: type } = eventTypes;
  const id = `01J8ZQ5T2M4K7N9P/${number}`;
  return derivedEvent({ id, source: '/functions/ingest', type, subject: data.vehicle, timeMs: nowMs, data });
}
