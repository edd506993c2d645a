import { type CloudEvent, eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';

export const batchMediaType = 'application/cloudevents-batch+json';

let events = 0;

/** A sample, or several, as an event. */
export function eventOf(vehicle: string, data: object): CloudEvent {
  return {
    specversion: '1.0',
    type: eventTypes.reported,
    source: `/edge/${vehicle}`,
    subject: vehicle,
    id: String(++events),
    data,
  };
}

/** Batches of at most so many events, one sample each. */
export function batchesOf(vehicle: string, samples: readonly ReportedSample[], size: number): CloudEvent[][] {
  const parts = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size),
  );
  return parts.map((part) => part.map((sample) => eventOf(vehicle, sample)));
}

/** A moment so long ago, RFC 3339. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
