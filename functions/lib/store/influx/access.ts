import type { BucketName } from './names.ts';

/** What a token may do with which buckets. Marks of receipts are in the raw bucket, beside the receipts. */
export interface Access {
  read: readonly BucketName[];
  write: readonly BucketName[];
}

const all = ['telemetry_raw', 'telemetry_1m', 'telemetry_5m', 'fleet'] as const satisfies BucketName[];

/** The least that each function and Grafana can work with (facts/reliability.md, decisions/0006). */
export const accessOf: Record<string, Access> = {
  ingest: { read: [], write: ['telemetry_raw'] },
  // Alerts on trouble codes are in the fleet bucket, and are compared with those that are there.
  enrich: { read: ['telemetry_raw', 'fleet'], write: ['telemetry_raw', 'fleet'] },
  'trip-segment': { read: ['telemetry_raw', 'fleet'], write: ['telemetry_raw', 'fleet'] },
  downsample: {
    read: ['telemetry_raw', 'telemetry_1m', 'telemetry_5m'],
    write: ['telemetry_raw', 'telemetry_1m', 'telemetry_5m'],
  },
  quarantine: { read: ['fleet'], write: ['fleet'] },
  query: { read: all, write: all },
  grafana: { read: all, write: [] },
};
