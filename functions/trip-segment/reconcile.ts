import { isDeepStrictEqual } from 'node:util';
import type { StoredTrip } from '../lib/store/port.ts';
import type { SegmentedTrip } from '../lib/trips/segmenter.ts';

/** A row to write, and what was there. */
export interface TripChange {
  before: StoredTrip | undefined;
  row: StoredTrip;
}

/**
 * The rows of a region as they ought to be, against those that are there: a trip that is no longer derived keeps its row
 * as retracted, and a summary that had been committed counts its revision up when it changes.
 */
export function reconcile(before: readonly StoredTrip[], derived: readonly SegmentedTrip[]): TripChange[] {
  const old = new Map(before.map((row) => [row.id, row]));
  const changes: TripChange[] = [];
  for (const { trip, dueMs } of derived) {
    const known = old.get(trip.id);
    old.delete(trip.id);
    const same: StoredTrip = { ...trip, revision: known?.revision ?? 1, dueMs };
    // Through JSON, as the stored row went, so that -0 and absent fields compare as they are kept.
    if (known && isDeepStrictEqual(known, JSON.parse(JSON.stringify(same)))) continue;
    const committed = known?.status === 'ended' || known?.status === 'retracted';
    const row = committed ? { ...same, revision: known.revision + 1 } : same;
    changes.push({ before: known, row });
  }
  for (const row of old.values()) {
    if (row.status === 'retracted') continue;
    changes.push({ before: row, row: { ...row, status: 'retracted', revision: row.revision + 1, dueMs: null } });
  }
  return changes;
}
