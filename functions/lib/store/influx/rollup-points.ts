import type { Aggregate, Rollup, RollupTier } from '../../rollups/rollup.ts';
import { rollupColumns } from '../../telemetry/columns.ts';
import { nanoseconds } from './instants.ts';
import { type FieldValue, lineOf } from './lines.ts';
import { measurements } from './names.ts';

const parts = ['count', 'sum', 'mean', 'min', 'max', 'last'] as const;

/** A rollup row as a point; what has no mean has no field for it. */
export function rollupLine({ vehicle, startedAt, count, fields }: Rollup): string {
  const values: Record<string, FieldValue | null> = { count };
  for (const [name, aggregate] of Object.entries(fields)) {
    for (const part of parts) values[`${name}_${part}`] = aggregate[part];
  }
  return lineOf(measurements.rollup, { vehicle }, values, nanoseconds(Date.parse(startedAt)));
}

/** Reads rows off a pivoted table. */
export function rollupReader(tier: RollupTier): (names: readonly string[]) => (values: readonly string[]) => Rollup {
  return (names) => {
    const at = new Map(names.map((name, place) => [name, place]));
    const columns = rollupColumns.flatMap(({ name }) => {
      const places = parts.map((part) => at.get(`${name}_${part}`) ?? -1);
      return (places[0] as number) === -1 ? [] : [{ name, places }];
    });
    const [timeAt, vehicleAt, countAt] = [at.get('_time'), at.get('vehicle'), at.get('count')] as [
      number,
      number,
      number,
    ];
    return (values) => {
      const fields: Record<string, Aggregate> = {};
      for (const { name, places } of columns) {
        const [count, sum, mean, min, max, last] = places.map((place) => numberOf(values[place]));
        if (count == null) continue;
        fields[name] = { count, sum, mean, min, max, last } as Aggregate;
      }
      const startedAt = new Date(values[timeAt] as string).toISOString();
      return { vehicle: values[vehicleAt] as string, tier, startedAt, count: Number(values[countAt]), fields };
    };
  };
}

const numberOf = (text: string | undefined) => (text === undefined || text === '' ? null : Number(text));
