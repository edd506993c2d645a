import { type CloudEvent, eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';

export const batchMediaType = 'application/cloudevents-batch+json';

/** A sample as an event of its own. */
export function eventOf(vehicle: string, sample: object & { time?: string }): CloudEvent {
  return {
    specversion: '1.0',
    type: eventTypes.reported,
    source: `/edge/${vehicle}`,
    subject: vehicle,
    id: `${vehicle}/${sample.time}`,
    data: sample,
  };
}

/** Batches of at most so many events, one sample each. */
export function batchesOf(vehicle: string, samples: readonly ReportedSample[], size: number): CloudEvent[][] {
  const events = samples.map((sample) => eventOf(vehicle, sample));
  return Array.from({ length: Math.ceil(events.length / size) }, (_, i) => events.slice(i * size, (i + 1) * size));
}

/** A moment so long ago, RFC 3339. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
