import type { RollupTier } from '../../rollups/rollup.ts';
import { dayMs, rawDays } from '../retention.ts';

/**
 * Every name that InfluxDB knows of us, for the adapter, the set-up and the dashboards. Tags are `vehicle` and, of samples,
 * `device`: nothing else, so that series stay few.
 */

export const bucketNames = ['telemetry_raw', 'telemetry_1m', 'telemetry_5m', 'fleet', 'fleet_erased'] as const;
export type BucketName = (typeof bucketNames)[number];

/** How a bucket keeps what is in it, ms. InfluxDB drops whole shard groups; `null` keeps for ever. */
export interface BucketLife {
  retentionMs: number | null;
  shardGroupMs: number;
}

/** A day of raw samples is a shard group, because a request is whole only within one (facts, decisions/0009). */
export const bucketLives: Record<BucketName, BucketLife> = {
  telemetry_raw: { retentionMs: rawDays * dayMs, shardGroupMs: dayMs },
  telemetry_1m: { retentionMs: 90 * dayMs, shardGroupMs: dayMs },
  telemetry_5m: { retentionMs: 730 * dayMs, shardGroupMs: 7 * dayMs },
  fleet: { retentionMs: null, shardGroupMs: 7 * dayMs },
  // Tombstones, in a bucket of their own because every writer must read them, and `ingest` nothing else.
  fleet_erased: { retentionMs: null, shardGroupMs: 7 * dayMs },
};

export const rollupBucket: Record<RollupTier, BucketName> = { '1m': 'telemetry_1m', '5m': 'telemetry_5m' };

export const measurements = {
  /**
   * telemetry_raw; tags vehicle, device; time of the sample. Fields as in the sample schema: numbers as floats, flags as
   * booleans, text and lists (as JSON) as strings; and `present`, which every sample has.
   */
  sample: 'sample',
  /** telemetry_raw; tag vehicle; integers pending, rollup, attempts, spanMs, n, receivedMs. */
  receipt: 'receipt',
  /** telemetry_raw; tag vehicle; when the server took a write that a guard may be about. */
  change: 'change',
  /** telemetry_raw; tag vehicle; time is the start of the day; integers trips, rollups: rows that sealing found different. */
  seal: 'seal',
  /** fleet_erased; tag vehicle; integer untilMs (0: none), always at the same instant. */
  erasure: 'erasure',
  /** telemetry_raw; what a readiness probe writes. */
  probe: 'probe',
  /**
   * telemetry_1m and telemetry_5m; tag vehicle; time is the start of the window; float `count` (samples), and of every
   * numeric field `<field>_count _sum _mean _min _max _last` (headings and positions have neither _sum nor _mean).
   */
  rollup: 'rollup',
  /**
   * fleet; tag vehicle; time is the start of the trip (its last six digits are a hash of the id, so that no trip overwrites
   * another); fields as in the trip's JSON, flat (tripFields below), and `body`, the JSON itself. Retracted ones have
   * `status` "retracted".
   */
  trip: 'trip',
  /** fleet; tag vehicle; time of the event; strings origin, kind, detail, and status "active" or "retracted". */
  alert: 'alert',
  /**
   * fleet; tag vehicle where the event's subject is one; time is when it came first; strings id, event, destination,
   * reason; floats code (0: none), firstMs, lastMs, count, replayedMs (0: not replayed).
   */
  deadLetter: 'deadletter',
} as const;

/** Float fields of `trip` beside strings id, status, endedBy, startedAt, endedAt, distanceMethod, fuelMethod, and boolean micro. */
export const tripFields = [
  ...['revision', 'endMs', 'dueMs', 'durationS', 'movingS', 'idleS', 'gapS', 'coverage', 'distanceKm'],
  ...['odometerKm', 'obdKm', 'gpsKm', 'haversineKm', 'avgSpeedKmh', 'movingAvgSpeedKmh', 'maxSpeedKmh', 'fuelL'],
  ...['startLatitude', 'startLongitude', 'endLatitude', 'endLongitude'],
  ...['harshAccelerations', 'harshBrakings', 'sampleCount'],
] as const;
