import { z } from 'zod';

/** What most times match, as zod has it: with seconds and an offset, and days that their month has. */
export const timePattern = z.regexes.datetime({ offset: true });

/** A leap second, or one that a device's clock takes for one. */
const leapSecond = /(T\d\d:\d\d:)60(?=[.Z+-])/;

/**
 * An RFC 3339 time as milliseconds since the epoch, UTC, fractions of one dropped; `:60` is the instant after `:59`, as
 * POSIX time has it. NaN for what is no such time.
 */
export function instantMs(time: string): number {
  const usual = time.replace(leapSecond, '$159');
  if (!timePattern.test(usual)) return Number.NaN;
  return Math.floor(Date.parse(usual)) + (usual === time ? 0 : 1_000);
}

export const timeSchema = z
  .string()
  .refine((time) => !Number.isNaN(instantMs(time)), 'must be an RFC 3339 date-time with seconds and an offset')
  .meta({ format: 'date-time' });
