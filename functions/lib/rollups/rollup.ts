import { z } from 'zod';

/** Tiers with rows: `1m` comes from raw, `5m` from `1m`. */
export const rollupTiers = ['1m', '5m'] as const;
export type RollupTier = (typeof rollupTiers)[number];

export const windowMs: Record<RollupTier, number> = { '1m': 60_000, '5m': 300_000 };

/** What a rollup row keeps of one numeric field. `sum` and `mean` are null for headings and positions. */
export const aggregateSchema = z.object({
  count: z.int().min(1),
  sum: z.number().nullable(),
  mean: z.number().nullable(),
  min: z.number(),
  max: z.number(),
  /** The value of the latest sample of the window that has the field. */
  last: z.number(),
});
export type Aggregate = z.infer<typeof aggregateSchema>;

export const rollupSchema = z
  .object({
    vehicle: z.string(),
    tier: z.enum(rollupTiers),
    /** Start of the window, aligned to UTC. */
    startedAt: z.iso.datetime(),
    /** Samples in the window. */
    count: z.int().min(1),
    fields: z.record(z.string(), aggregateSchema),
  })
  .meta({ id: 'Rollup', description: 'One window of one vehicle' });
export type Rollup = z.infer<typeof rollupSchema>;

/** Start of the window of a tier that an instant falls into; windows are aligned to UTC. */
export function windowStartMs(tier: RollupTier, timeMs: number): number {
  return Math.floor(timeMs / windowMs[tier]) * windowMs[tier];
}
