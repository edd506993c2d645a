import { z } from 'zod';
import { rollupTiers } from '../lib/rollups/rollup.ts';
import { idSchema } from '../lib/telemetry/sample.ts';
import { cursorSchema } from './cursor.ts';
import { Refused } from './refused.ts';

/** Bounds of the lists: what one answer holds unless asked otherwise, and at most. */
export const limits = {
  vehicles: { usual: 1_000, most: 1_000 },
  samples: { usual: 1_000, most: 10_000 },
  rollups: { usual: 1_000, most: 10_000 },
  trips: { usual: 100, most: 1_000 },
  alerts: { usual: 100, most: 1_000 },
  deadLetters: { usual: 100, most: 1_000 },
} as const;

/** Without `from`, samples, rollups and alerts of the last day are answered, ms. */
const usualRangeMs = 24 * 3_600_000;
/** Samples may be so far ahead of our clock (DESIGN §4), ms; without `to` they are answered as well. */
const clockSkewMs = 5 * 60_000;

function limit({ usual, most }: { usual: number; most: number }) {
  const range = `must be a whole number from 1 to ${most}`;
  return z.coerce
    .number(range)
    .int(range)
    .min(1, range)
    .max(most, range)
    .default(usual)
    .meta({ description: `Rows of one answer, at most ${most}` });
}

/** RFC 3339; a `+` of an offset that was not percent-encoded arrives as a space, and is taken as what it was. */
const timeMs = (description: string) =>
  z
    .string()
    .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
    .pipe(z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date-time, as 2026-03-10T12:00:00Z is' }))
    .transform((text) => Date.parse(text))
    .optional()
    .meta({ description, format: 'date-time' });

const vehicle = idSchema.optional().meta({ description: 'Only this vehicle' });
const cursor = cursorSchema.optional();
const lastDay = {
  from: timeMs('From this instant; 24 hours before `to` unless given'),
  to: timeMs('Up to this instant; now unless given'),
};

/** The query parameters of each list. A parameter that is not here is refused, so that a misspelt one cannot widen it. */
export const parameters = {
  none: z.strictObject({}),
  vehicles: z.strictObject({ limit: limit(limits.vehicles), cursor }),
  samples: z.strictObject({ ...lastDay, limit: limit(limits.samples), cursor }),
  trips: z.strictObject({
    vehicle,
    from: timeMs('Trips that end at or after this instant'),
    to: timeMs('Trips that start at or before this instant'),
    limit: limit(limits.trips),
    cursor,
  }),
  rollups: z.strictObject({
    tier: z.enum(rollupTiers).default('1m').meta({ description: 'Length of the windows; 1m unless given' }),
    vehicle,
    ...lastDay,
    limit: limit(limits.rollups),
    cursor,
  }),
  alerts: z.strictObject({ vehicle, ...lastDay, limit: limit(limits.alerts) }),
  erasure: z.strictObject({
    tombstone: z.enum(['true', 'false']).default('true').meta({
      description: 'Refuse samples of before the erasure from now on; `false` is for made-up data that may come again',
    }),
  }),
  deadLetters: z.strictObject({
    replayed: z.enum(['true', 'false']).default('false').meta({ description: 'With those that were replayed' }),
    limit: limit(limits.deadLetters),
  }),
};

/** Reads a query string by a schema. Throws Refused (invalid-request) that names each bad parameter. */
export function readQuery<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const names = [...query.keys()];
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw invalid([{ name: repeated, detail: 'is given twice' }]);
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => ({
            name,
            detail: 'is not a parameter of this path',
          }))
        : [{ name: issue.path.join('.'), detail: issue.message }],
    ),
  );
}

/** The range of a list that answers the last day unless told otherwise. Throws Refused when it is the wrong way round. */
export function rangeOf({ from, to }: { from?: number | undefined; to?: number | undefined }, nowMs: number) {
  const range = {
    fromMs: from ?? (to ?? nowMs) - usualRangeMs,
    toMs: to ?? nowMs + clockSkewMs,
  };
  demandOrder(range.fromMs, range.toMs);
  return range;
}

export function demandOrder(fromMs: number | undefined, toMs: number | undefined): void {
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw invalid([{ name: 'from', detail: 'is after `to`' }]);
  }
}

function invalid(given: { name: string; detail: string }[]): Refused {
  // Names come from the client, and so does how many there are.
  const faults = given.slice(0, 10).map(({ name, detail }) => ({ name: name.slice(0, 64), detail }));
  return new Refused('invalid-request', faults.map(({ name, detail }) => `${name} ${detail}`).join('; '), {
    errors: faults.map(({ name, detail }) => ({
      pointer: `/query/${pointerToken(name)}`,
      code: 'invalid-parameter',
      detail,
    })),
  });
}

/** As RFC 6901 §3 escapes it. */
function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
