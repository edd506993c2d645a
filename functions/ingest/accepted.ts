import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { type ChangedRange, type CloudEvent, eventTypes } from '../lib/telemetry/events.ts';
import type { Sample, VehicleSamples } from '../lib/telemetry/sample.ts';

/** Samples in one event at most, so that the cost of a hop is paid per batch and not per sample (DESIGN §3). */
const maxSamplesInEvent = 500;

/** Shards that `fleetshard` spreads vehicles over; a trigger of N shards filters on the numbers it takes. */
const shards = 16;

/** What the broker is told of stored samples: one event per vehicle and at most 500 samples. */
export function acceptedEvents(
  groups: readonly VehicleSamples[],
  receipt: string,
  traceparent: string | undefined,
  nowMs: number,
): CloudEvent[] {
  return groups.flatMap(({ vehicle, samples: unsorted }) => {
    // In order of time, so that the ranges of several events do not all span the whole request.
    const samples = unsorted.length > maxSamplesInEvent ? unsorted.toSorted((a, b) => a.timeMs - b.timeMs) : unsorted;
    const events: CloudEvent[] = [];
    for (let from = 0; from < samples.length; from += maxSamplesInEvent) {
      const part = samples.slice(from, from + maxSamplesInEvent);
      events.push({
        ...derivedEvent({
          id: `${receipt}/${vehicle}/${(part[0] as Sample).timeMs}/${from}`,
          source: '/functions/ingest',
          type: eventTypes.accepted,
          subject: vehicle,
          timeMs: nowMs,
          data: {
            vehicle,
            ...rangeOf(part),
            samples: part,
          } satisfies ChangedRange,
        }),
        partitionkey: vehicle,
        fleetshard: String(shardOf(vehicle)),
        ...(traceparent !== undefined && { traceparent }),
      });
    }
    return events;
  });
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

/** FNV-1a, 32 bit: the same vehicle in the same shard, whoever asks. */
function shardOf(vehicle: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < vehicle.length; i++) hash = Math.imul(hash ^ vehicle.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shards;
}
