import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { type ChangedRange, type CloudEvent, eventTypes } from '../lib/telemetry/events.ts';
import type { Sample, VehicleSamples } from '../lib/telemetry/sample.ts';
import { routingOf } from '../lib/telemetry/shard.ts';

/** Samples in one event at most, so that the cost of a hop is paid per batch and not per sample (DESIGN §3). */
const maxSamplesInEvent = 500;

/** What the broker is told of stored samples: one event per vehicle and at most 500 samples. */
export function acceptedEvents(groups: readonly VehicleSamples[], receipt: string, nowMs: number): CloudEvent[] {
  const events: CloudEvent[] = [];
  for (const { vehicle, samples } of groups) {
    // An event may report none.
    if (samples.length === 0) continue;
    const routing = routingOf(vehicle);
    for (const part of partsOf(samples)) {
      const range = rangeOf(part);
      const event = derivedEvent({
        // Requests of one commit group share a receipt.
        id: `${receipt}/${vehicle}/${range.fromMs}-${range.toMs}/${part.length}`,
        source: '/functions/ingest',
        type: eventTypes.accepted,
        subject: vehicle,
        timeMs: nowMs,
        data: { vehicle, ...range, samples: part } satisfies ChangedRange,
      });
      events.push(Object.assign(event, routing));
    }
  }
  return events;
}

/** In order of time where there are several, so that their ranges do not all span the whole request. */
function partsOf(samples: Sample[]): Sample[][] {
  if (samples.length <= maxSamplesInEvent) return [samples];
  const sorted = samples.toSorted((a, b) => a.timeMs - b.timeMs);
  const parts: Sample[][] = [];
  for (let from = 0; from < sorted.length; from += maxSamplesInEvent) {
    parts.push(sorted.slice(from, from + maxSamplesInEvent));
  }
  return parts;
}

function rangeOf(samples: readonly Sample[]): { fromMs: number; toMs: number } {
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const { timeMs } of samples) {
    if (timeMs < fromMs) fromMs = timeMs;
    if (timeMs > toMs) toMs = timeMs;
  }
  return { fromMs, toMs };
}
