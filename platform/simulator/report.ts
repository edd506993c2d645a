import { type CloudEvent, eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';

/** An event as an edge client sends it. */
export type ReportedEvent = CloudEvent<{ samples: ReportedSample[] }>;

/** Samples in one event: what the edge client puts in one, too. */
const samplesPerEvent = 100;
/** Size of a batch, bytes: the server takes 1 MiB on the wire, less what brackets and headers need. */
const batchBytes = 700_000;

/** Samples of a vehicle as events, in the order given; `idPrefix` and a number make the ids. */
export function reportedEvents(options: {
  vehicle: string;
  samples: readonly ReportedSample[];
  idPrefix: string;
  perEvent?: number;
}): ReportedEvent[] {
  const { vehicle, samples, idPrefix, perEvent = samplesPerEvent } = options;
  const events: ReportedEvent[] = [];
  for (let from = 0; from < samples.length; from += perEvent) {
    const part = samples.slice(from, from + perEvent);
    events.push({
      specversion: '1.0',
      type: eventTypes.reported,
      source: `/edge/${vehicle}`,
      subject: vehicle,
      id: `${idPrefix}:${events.length}`,
      time: part.at(-1)?.time ?? '',
      datacontenttype: 'application/json',
      data: { samples: part },
    });
  }
  return events;
}

/** Events as request bodies that stay below the server's limits (`application/cloudevents-batch+json`). */
export function* batchBodies(events: Iterable<CloudEvent>): Generator<string> {
  let batch: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const text = JSON.stringify(event);
    if (batch.length > 0 && bytes + text.length > batchBytes) {
      yield `[${batch.join(',')}]`;
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    // Everything the simulator says is ASCII: a character is a byte.
    bytes += text.length + 1;
  }
  if (batch.length > 0) yield `[${batch.join(',')}]`;
}
