import { z } from 'zod';
import { idSchema, type Sample } from './sample.ts';

/** A CloudEvents 1.0 event (cloudevents/spec, context attributes §3); extensions stand beside the attributes. */
export interface CloudEvent<Data = unknown> {
  specversion: '1.0' | '0.3';
  id: string;
  source: string;
  type: string;
  subject?: string;
  /** RFC 3339. */
  time?: string;
  datacontenttype?: string;
  dataschema?: string;
  data?: Data;
  /** Data that is not JSON, base64 (CloudEvents JSON format §3.1.1). */
  data_base64?: string;
  [extension: string]: unknown;
}

/** Every type of event in the system; routing by them is written in eventing/*.yaml alone. */
export const eventTypes = {
  reported: 'fleet.telemetry.reported',
  accepted: 'fleet.telemetry.accepted',
  enriched: 'fleet.telemetry.enriched',
  alert: 'fleet.vehicle.alert',
  erased: 'fleet.vehicle.erased',
  tripStarted: 'fleet.trip.started',
  tripPaused: 'fleet.trip.paused',
  tripResumed: 'fleet.trip.resumed',
  tripEnded: 'fleet.trip.ended',
  tripRevised: 'fleet.trip.revised',
  tripRetracted: 'fleet.trip.retracted',
  rollupCompleted: 'fleet.rollup.completed',
  ping: 'dev.knative.sources.ping',
} as const;

const timeMs = z.int().min(0);

/**
 * Data of `accepted` and `enriched`: which samples of a vehicle changed. A hint, not the samples' only carrier: a
 * handler reads the range from the store. `samples` is there for subscribers outside, and absent when the sweep drives
 * a pending receipt again.
 */
export const changedRangeSchema = z.object({
  vehicle: idSchema,
  fromMs: timeMs,
  /** Inclusive. */
  toMs: timeMs,
  samples: z
    .array(z.custom<Sample>((value) => typeof value === 'object' && value !== null))
    .max(500)
    .optional(),
});
export type ChangedRange = z.infer<typeof changedRangeSchema>;

export const jobs = ['downsample-1m', 'downsample-5m', 'sweep', 'expire'] as const;
export type Job = (typeof jobs)[number];

/** Data of the ping sources' events. */
export const jobSchema = z.object({
  job: z.enum(jobs),
  /** Of the sweep: whoever was at work on receipts that came before this is gone, so they are stuck, however young. */
  stuckBeforeMs: timeMs.optional(),
});
