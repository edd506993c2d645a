import { defaultRules } from '../../functions/lib/trips/rules.ts';
import type { HarshEvent, Motion } from './driver.ts';
import { maxSpeedMps, movementAt } from './motion.ts';
import { rounded } from './rounded.ts';
import type { Observation } from './sensors.ts';
import type { CodeSpan } from './vehicle-state.ts';

/**
 * What a trip really was. Its bounds are those of the trip rules, over the samples as reported: it starts with the
 * first one at startSpeedKmh, a stop of 300 s ends it, and its end is the first sample at rest of its last stop (the
 * last moving one where none is at rest). Everything in between is taken from the true movement.
 */
export interface TripTruth {
  /** RFC 3339. */
  startedAt: string;
  endedAt: string;
  /** Integral of the true speed. */
  distanceKm: number;
  /** Highest true speed. */
  maxSpeedKmh: number;
  /** Samples of all devices from start to end, both included. */
  samples: number;
  harsh: { kind: HarshEvent['kind']; at: string; peakMps2: number }[];
  /** Trouble codes that were stored at some time in the trip. */
  codes: string[];
}

/** Without a moving sample for so long a trip is over, ms. */
const stopMs = (defaultRules.idleTimeoutS + defaultRules.resumeWindowS) * 1_000;

/** The trips in a drive, from its observations in order of time. */
export function tripsOf(observations: readonly Observation[], motion: Motion, codes: readonly CodeSpan[]): TripTruth[] {
  return boundsOf(observations).map(({ fromMs, toMs }): TripTruth => {
    const within = (atMs: number) => atMs >= fromMs && atMs <= toMs;
    const metres = movementAt(motion, toMs).distanceM - movementAt(motion, fromMs).distanceM;
    return {
      startedAt: new Date(fromMs).toISOString(),
      endedAt: new Date(toMs).toISOString(),
      distanceKm: rounded(metres / 1_000, 3),
      maxSpeedKmh: rounded(maxSpeedMps(motion, fromMs, toMs) * 3.6, 1),
      samples: observations.filter(({ atMs }) => within(atMs)).length,
      harsh: motion.harsh
        .filter(({ atMs }) => within(atMs))
        .map(({ kind, atMs, peakMps2 }) => ({ kind, at: new Date(atMs).toISOString(), peakMps2 })),
      codes: [...new Set(codes.filter((span) => span.fromMs <= toMs && span.toMs > fromMs).map(({ code }) => code))],
    };
  });
}

function boundsOf(observations: readonly Observation[]): { fromMs: number; toMs: number }[] {
  const bounds: { fromMs: number; toMs: number }[] = [];
  let trip: { fromMs: number; movingMs: number; restMs: number | undefined } | undefined;
  const end = () => {
    if (trip) bounds.push({ fromMs: trip.fromMs, toMs: trip.restMs ?? trip.movingMs });
    trip = undefined;
  };
  for (const { atMs, speedKmh } of observations) {
    if (speedKmh === undefined) continue;
    if (trip && atMs - trip.movingMs >= stopMs) end();
    if (!trip) {
      if (speedKmh >= defaultRules.startSpeedKmh) trip = { fromMs: atMs, movingMs: atMs, restMs: undefined };
    } else if (speedKmh >= defaultRules.stopSpeedKmh) {
      trip = { ...trip, movingMs: atMs, restMs: undefined };
    } else {
      trip.restMs ??= atMs;
    }
  }
  end();
  return bounds;
}
