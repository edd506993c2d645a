import type { NumericField } from '../../functions/lib/telemetry/columns.ts';
import { pipe, type Query, theVehicle } from './flux.ts';

/**
 * Fields of the vehicle's samples, an aggregate a window, a series each. The first aggregation is the storage engine's; the
 * second joins what several devices say.
 */
export function sensors(aggregate: 'mean' | 'min' | 'max', ...names: readonly NumericField[]): Query {
  return {
    flux: pipe(
      windows(aggregate, names),
      windowOf(aggregate),
      'map(fn: (r) => ({_time: r._time, _value: r._value, _field: strings.trimSuffix(v: r._field, suffix: suffix)}))',
    ),
    columns: ['_time', '_value', '_field'],
    series: names,
  };
}

/** Fields of the vehicle's samples, a row a window; where several devices say something, one of them is taken. */
export function sensorRows(aggregate: 'max' | 'last', ...names: readonly NumericField[]): Query {
  return {
    flux: pipe(
      windows(aggregate, names),
      'group()',
      'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
      'rename(fn: (column) => strings.trimSuffix(v: column, suffix: suffix))',
      'sort(columns: ["_time"])',
    ),
    columns: ['_time', ...names],
  };
}

const windowOf = (aggregate: string) =>
  `aggregateWindow(every: v.windowPeriod, fn: ${aggregate}, createEmpty: false, timeSrc: "_start")`;

/**
 * Short and recent ranges read samples, longer ones 1-minute rows, the longest 5-minute rows: never more points than the
 * panel has pixels, no window finer than the rows it stands on, and nothing from a tier that has expired there (raw lives 7
 * days, 1-minute rows 90). The tier is chosen where the query runs, because the range is known only there; names are bound
 * first, because the storage engine filters by names and not by expressions.
 */
function windows(aggregate: string, names: readonly string[]): string {
  return `import "strings"

age = int(v: now()) - int(v: v.timeRangeStart)
window = int(v: v.windowPeriod)
raw = window < int(v: 1m) and age < int(v: 7d)
minutes = window < int(v: 5m) and age < int(v: 90d)
bucket = if raw then "telemetry_raw" else if minutes then "telemetry_1m" else "telemetry_5m"
measurement = if raw then "sample" else "rollup"
suffix = if raw then "" else "_${aggregate}"
${names.map((name, i) => `field${i} = "${name}" + suffix`).join('\n')}

${pipe(
  'from(bucket: bucket)',
  'range(start: v.timeRangeStart, stop: v.timeRangeStop)',
  `filter(fn: (r) => r._measurement == measurement and ${theVehicle})`,
  `filter(fn: (r) => ${names.map((_, i) => `r._field == field${i}`).join(' or ')})`,
  windowOf(aggregate),
  'keep(columns: ["_time", "_value", "_field"])',
)}`;
}
