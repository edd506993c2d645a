import { createHash } from 'node:crypto';
import type { Ports } from '../lib/ports.ts';
import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { eventTypes } from '../lib/telemetry/events.ts';
import type { TripChange } from './reconcile.ts';

/** Tells the broker what changed; ids hold a hash of the content, so that telling twice is seen as that. */
export async function announce(changes: readonly TripChange[], { publish, clock }: Ports): Promise<void> {
  for (const change of changes) {
    const { dueMs: _, revision: __, ...content } = change.row;
    const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
    const { dueMs: ___, ...trip } = change.row;
    for (const type of typesOf(change)) {
      await publish(
        derivedEvent({
          id: `${trip.id}/${type.slice(type.lastIndexOf('.') + 1)}/${hash}`,
          source: '/functions/trip-segment',
          type,
          subject: trip.vehicle,
          timeMs: clock.now(),
          data: trip,
        }),
      );
    }
  }
}

function typesOf({ before, row }: TripChange): string[] {
  if (row.status === 'retracted') return [eventTypes.tripRetracted];
  const types: string[] = [];
  const known = before && before.status !== 'retracted';
  if (!known) types.push(eventTypes.tripStarted);
  if (known && before.status === 'ended') return [eventTypes.tripRevised];
  if (row.status === 'ended') types.push(eventTypes.tripEnded);
  if (row.status === 'paused' && before?.status !== 'paused') types.push(eventTypes.tripPaused);
  if (row.status === 'driving' && before?.status === 'paused') types.push(eventTypes.tripResumed);
  return types;
}
