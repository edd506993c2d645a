import { z } from 'zod';

/** Bounds of one request and of one token (contract of `POST /ingest`); configuration may set others. */
export const ingestLimitsSchema = z.strictObject({
  /** Body on the wire, bytes. */
  bodyBytes: z.int().min(1_024).default(1_048_576),
  /** Body after decompression, bytes. */
  inflatedBytes: z.int().min(1_024).default(8_388_608),
  /** CloudEvents in a batch. */
  events: z.int().min(1).default(1_000),
  /** Samples in a request. */
  samples: z.int().min(1).default(10_000),
  /** Requests of one token in a minute. */
  requestsPerMinute: z.int().min(1).default(600),
});
export type IngestLimits = z.infer<typeof ingestLimitsSchema>;

export const defaultIngestLimits: IngestLimits = ingestLimitsSchema.parse({});
