import type { RollupTier } from '../../rollups/rollup.ts';
import type { Column } from '../../telemetry/columns.ts';

/**
 * What the threads know of samples and rollups. It is handed to them, because reading it off the schema would load zod in
 * each, and half of the time to open would go into that.
 */
export interface Layout {
  columns: readonly Column[];
  rollupColumns: readonly Column[];
  windowMs: Record<RollupTier, number>;
}

export const rollupTable: Record<RollupTier, string> = { '1m': 'rollup1m', '5m': 'rollup5m' };

/** The columns that a rollup row has for a field. */
export function aggregateNames({ name, rollup }: Column): string[] {
  const sum = rollup === 'noMean' ? [] : [`${name}_sum`];
  return [`${name}_count`, ...sum, `${name}_min`, `${name}_max`, `${name}_last`];
}

/** Every column of a rollup row after vehicleId and startMs. */
export function rollupRowNames({ rollupColumns }: Layout): string[] {
  return ['count', ...rollupColumns.flatMap(aggregateNames)];
}
