import type { SampleFields } from './sample.ts';

/** WGS 84 degrees. */
export interface Position {
  latitude: number;
  longitude: number;
}

export interface LocatedAt extends Position {
  timeMs: number;
}

/**
 * Where a sample says it was; null where it says nothing, or 0/0, which is a receiver without a fix. That it is flagged for
 * the latter (`position-zero`) is not waited for: the flag comes a moment after the sample.
 */
export function positionOf({ latitude, longitude }: SampleFields): Position | null {
  if (latitude === undefined || longitude === undefined) return null;
  return latitude === 0 && longitude === 0 ? null : { latitude, longitude };
}
