import { z } from 'zod';

const nullableNumber = z.number().nullable();
const isoTime = z.iso.datetime({ offset: true });
const position = z.object({ latitude: z.number(), longitude: z.number() }).nullable();

/** How a distance or an amount was found. */
export const distanceMethods = ['odometer', 'obd', 'gps', 'haversine', 'none'] as const;
export type DistanceMethod = (typeof distanceMethods)[number];

/** A trip as the read API answers it and the store keeps it. */
export const tripSchema = z
  .object({
    id: z.string(),
    vehicle: z.string(),
    status: z.enum(['driving', 'paused', 'ended', 'retracted']),
    /** Counts up each time the content of this trip changes; outside every invariant. */
    revision: z.int().min(1),
    startedAt: isoTime,
    /** Of an open trip, its last sample so far. */
    endedAt: isoTime,
    /** `stop`: at rest for too long; `ignition`: switched off for too long; `gap`: silent while moving. */
    endedBy: z.enum(['stop', 'ignition', 'gap']).nullable(),
    startPosition: position,
    endPosition: position,
    durationS: z.number(),
    /** Driven time: speed at or over stopSpeedKmh. */
    movingS: z.number(),
    /** Engine on, not moving. */
    idleS: z.number(),
    /** Time in steps without samples longer than the rule `gapS`. */
    gapS: z.number(),
    /** Share of the duration that is not gap, 0–1. */
    coverage: z.number(),
    distanceKm: z.number(),
    distanceMethod: z.enum(distanceMethods),
    /** The same distance by each method; null where its inputs are missing. */
    distances: z.object({
      odometerKm: nullableNumber,
      obdKm: nullableNumber,
      gpsKm: nullableNumber,
      haversineKm: nullableNumber,
    }),
    avgSpeedKmh: z.number(),
    movingAvgSpeedKmh: z.number(),
    maxSpeedKmh: z.number(),
    /** Smallest and largest value of every numeric field that came. */
    extrema: z.record(z.string(), z.object({ min: z.number(), max: z.number() })),
    fuelL: nullableNumber,
    fuelMethod: z.enum(['measured', 'estimated']).nullable(),
    harshAccelerations: z.int(),
    harshBrakings: z.int(),
    sampleCount: z.int(),
    /** Below the smallest trip of the rules: kept, flagged. */
    micro: z.boolean(),
  })
  .meta({ id: 'Trip', description: 'A trip, derived from the samples of one vehicle' });

export type Trip = z.infer<typeof tripSchema>;

/** A trip without its revision: what the samples alone determine. */
export type DerivedTrip = Omit<Trip, 'revision'>;

/** Trip ids come from vehicle and start, so that deriving again finds the same row. */
export function tripId(vehicle: string, startMs: number): string {
  return `${vehicle}:${new Date(startMs).toISOString().replace(/[-:.]/g, '')}`;
}
