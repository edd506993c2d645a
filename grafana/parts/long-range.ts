import type { NumericField } from '../../functions/lib/telemetry/columns.ts';
import { pipe, type Query, source } from './flux.ts';

/** A field of 5-minute rows, or the number of samples, an aggregate a window, a series for each vehicle. */
export function longRange(name: NumericField | 'count', aggregate: 'min' | 'max' | 'mean' | 'sum'): Query {
  const field = name === 'count' ? name : `${name}_${aggregate}`;
  return {
    flux: pipe(
      source({ bucket: 'telemetry_5m', measurement: 'rollup' }),
      `filter(fn: (r) => r._field == "${field}")`,
      `aggregateWindow(every: v.windowPeriod, fn: ${aggregate}, createEmpty: false, timeSrc: "_start")`,
      'keep(columns: ["_time", "_value", "vehicle"])',
    ),
    columns: ['_time', '_value', 'vehicle'],
  };
}
