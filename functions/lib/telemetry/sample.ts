import { z } from 'zod';
import { derivedFields, reportedFields } from './fields.ts';
import { timeSchema } from './time.ts';

/** Ids of vehicles and devices: what line protocol, URLs and file names carry unescaped. */
export const idPattern = /^[A-Za-z0-9._:-]{1,64}$/;
export const idSchema = z.string().regex(idPattern, 'must match [A-Za-z0-9._:-]{1,64}');

export const sampleFields = { ...reportedFields, ...derivedFields };

/** A sample as a client reports it. Unknown fields are refused, so that a misspelt one cannot vanish in silence. */
export const reportedSampleSchema = z
  .strictObject({
    time: timeSchema,
    device: idSchema.optional(),
    ...reportedFields,
  })
  .refine(hasEssentials, {
    error: 'needs at least one of speedKmh, gpsSpeedKmh, latitude with longitude, obd, dtc',
  })
  .meta({ id: 'ReportedSample', description: 'One moment of one vehicle' });

export type ReportedSample = z.infer<typeof reportedSampleSchema>;

/** The fields of a sample, without its identity. */
export type SampleFields = z.infer<z.ZodObject<typeof sampleFields>>;

/** A sample as it is stored: identity is (vehicle, device, timeMs); the vehicle is named by the group it stands in. */
export type Sample = { timeMs: number; device: string } & SampleFields;

/** Samples of one vehicle. */
export interface VehicleSamples {
  vehicle: string;
  samples: Sample[];
}

/** The device of samples that name none. */
export const defaultDevice = 'main';

/** Whether a sample says anything that trips or diagnostics can use (one of the essential fields). */
export function hasEssentials(sample: SampleFields): boolean {
  return (
    sample.speedKmh !== undefined ||
    sample.gpsSpeedKmh !== undefined ||
    (sample.latitude !== undefined && sample.longitude !== undefined) ||
    sample.obd !== undefined ||
    sample.dtc !== undefined
  );
}
