import { z } from 'zod';
import { rollupSchema } from '../lib/rollups/rollup.ts';
import type { Alert, DeadLetter } from '../lib/store/port.ts';
import { type Sample, sampleFields } from '../lib/telemetry/sample.ts';
import { tripSchema } from '../lib/trips/trip.ts';

/** What the read API answers. The OpenAPI text comes from here. */

const time = z.iso.datetime();
const next = z.string().nullable().meta({
  description: 'Opaque cursor of the next page; null on the last one',
});

export const sampleAnswerSchema = z
  .object({ time, device: z.string(), ...sampleFields })
  .describe('One moment of one vehicle, with what was derived from it');
export type SampleAnswer = z.infer<typeof sampleAnswerSchema>;

export const vehicleStates = ['moving', 'idle', 'parked', 'offline'] as const;

const locatedSchema = z
  .object({
    latitude: z.number(),
    longitude: z.number(),
    at: time.describe('When that was, at the latest: of a trip, its end, or its latest sample while it goes on'),
  })
  .describe('The latest known position: of the last 20 samples, else where the newest trip ended; 0/0 is none');

export const vehicleSchema = z.object({
  id: z.string(),
  state: z.enum(vehicleStates),
  lastSeenAt: time.nullable().describe('Time of the latest sample; null once all of them have expired'),
  latest: sampleAnswerSchema.nullable().describe('Each field from the latest of the last 20 samples that has it'),
  position: locatedSchema.nullable(),
});
export type VehicleAnswer = z.infer<typeof vehicleSchema>;

export const alertSchema = z.object({
  vehicle: z.string(),
  time,
  kind: z.enum(['code-set', 'code-cleared', 'harsh-acceleration', 'harsh-braking'] satisfies Alert['kind'][]),
  detail: z.string().describe('The trouble code, or the acceleration in m/s²'),
});
export type AlertAnswer = z.infer<typeof alertSchema>;

export const deadLetterSummarySchema = z.object({
  id: z.string(),
  type: z.string(),
  source: z.string(),
  eventId: z.string(),
  vehicle: z.string().nullable(),
  destination: z.string(),
  code: z.int().nullable().describe('HTTP status of the last answer'),
  reason: z.string(),
  firstAt: time,
  lastAt: time,
  count: z.int(),
  replayedAt: time.nullable(),
});
export type DeadLetterSummary = z.infer<typeof deadLetterSummarySchema>;

export const deadLetterSchema = deadLetterSummarySchema.extend({
  event: z.record(z.string(), z.unknown()).describe('The CloudEvent as it could not be delivered'),
});

export const statusSchema = z.object({
  now: time,
  receipts: z.object({
    pending: z.int().describe('Receipts whose samples are not yet enriched and in trips'),
    oldestPendingAt: time.nullable(),
    rollup: z.int().describe('Receipts whose windows are not yet rolled up'),
    oldestRollupAt: time.nullable(),
  }),
  deadLetters: z.int().describe('Dead letters that were not replayed'),
});
export type StatusAnswer = z.infer<typeof statusSchema>;

export const vehicleListSchema = z.object({
  vehicles: z.array(vehicleSchema),
  next,
});
export const sampleListSchema = z.object({
  samples: z.array(sampleAnswerSchema),
  next,
});
export const tripListSchema = z.object({ trips: z.array(tripSchema), next });
export const rollupListSchema = z.object({
  rollups: z.array(rollupSchema),
  next,
});
export const alertListSchema = z.object({ alerts: z.array(alertSchema) });
export const deadLetterListSchema = z.object({
  deadLetters: z.array(deadLetterSummarySchema),
});
export const replaySchema = z.object({
  replayed: z.string().describe('Id of the dead letter'),
});
export const erasureSchema = z.object({
  erased: z.string().describe('Id of the vehicle'),
  samples: z.int(),
  refusedUntil: time
    .nullable()
    .describe('Samples up to this instant are refused from now on; null without a tombstone'),
});

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();
const isoTimeOrNull = (timeMs: number | null): string | null => (timeMs === null ? null : isoTime(timeMs));

export function sampleAnswer({ timeMs, ...fields }: Sample): SampleAnswer {
  return { time: isoTime(timeMs), ...fields };
}

export function alertAnswer({ vehicle, timeMs, kind, detail }: Alert): AlertAnswer {
  return { vehicle, time: isoTime(timeMs), kind, detail };
}

export function deadLetterSummary(letter: DeadLetter): DeadLetterSummary {
  return {
    id: letter.id,
    type: letter.event.type,
    source: letter.event.source,
    eventId: letter.event.id,
    vehicle: letter.event.subject ?? null,
    destination: letter.destination,
    code: letter.code,
    reason: letter.reason,
    firstAt: isoTime(letter.firstMs),
    lastAt: isoTime(letter.lastMs),
    count: letter.count,
    replayedAt: isoTimeOrNull(letter.replayedMs),
  };
}

export function statusAnswer(
  nowMs: number,
  counts: {
    pending: number;
    rollup: number;
    oldestPendingMs: number | null;
    oldestRollupMs: number | null;
  },
  deadLetters: number,
): StatusAnswer {
  return {
    now: isoTime(nowMs),
    receipts: {
      pending: counts.pending,
      oldestPendingAt: isoTimeOrNull(counts.oldestPendingMs),
      rollup: counts.rollup,
      oldestRollupAt: isoTimeOrNull(counts.oldestRollupMs),
    },
    deadLetters,
  };
}
