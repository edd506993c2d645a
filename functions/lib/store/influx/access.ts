import type { BucketName } from './names.ts';

/** What a token may do with which buckets. */
export interface Access {
  read: readonly BucketName[];
  write: readonly BucketName[];
}

const raw = 'telemetry_raw';
const rollups = ['telemetry_1m', 'telemetry_5m'] as const;
const all = [raw, ...rollups, 'fleet', 'fleet_erased'] as const;

/**
 * The least that each function and Grafana can work with (decisions/0009). Marks of receipts are in the raw bucket, beside
 * the receipts; whoever writes what an erased vehicle must not get back reads the tombstones.
 */
export const accessOf: Record<string, Access> = {
  ingest: { read: ['fleet_erased'], write: [raw] },
  // Alerts on trouble codes are in the fleet bucket, and are compared with those that are there.
  enrich: { read: [raw, 'fleet', 'fleet_erased'], write: [raw, 'fleet'] },
  'trip-segment': { read: [raw, 'fleet', 'fleet_erased'], write: [raw, 'fleet'] },
  downsample: { read: [raw, ...rollups, 'fleet_erased'], write: [raw, ...rollups] },
  quarantine: { read: ['fleet', 'fleet_erased'], write: ['fleet'] },
  // The read API erases vehicles and marks dead letters as replayed, too.
  query: { read: all, write: all },
  grafana: { read: [raw, ...rollups, 'fleet'], write: [] },
};
