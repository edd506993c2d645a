import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { BucketName, measurements } from '../../functions/lib/store/influx/names.ts';

/**
 * Flux as Grafana sends it: `v.timeRangeStart`, `v.timeRangeStop` and `v.windowPeriod` are replaced by literals before the
 * query leaves, `${vehicle:…}` by what is chosen.
 */
export interface Query {
  flux: string;
  /** The columns of every row, in the order a table shows them; one with a `?` may be empty in all of them. */
  columns: readonly string[];
  /** Values of `_field`, where the rows are series of several fields. */
  series?: readonly string[];
}

/** The data source that is chosen in the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const influx = { type: 'influxdb', uid: '${datasource}' };

/** What a query promises of its rows, beside the query but not in the JSON. */
export const promised = Symbol('promised');

export interface FluxTarget extends Dataquery {
  refId: string;
  datasource: typeof influx;
  query: string;
  [promised]: Pick<Query, 'columns' | 'series'>;
}

export function target(query: Query, refId = 'A'): Builder<FluxTarget> {
  const { flux, columns, series = [] } = query;
  return {
    build: () => ({
      refId,
      datasource: influx,
      query: flux,
      [promised]: { columns, series },
      _implementsDataqueryVariant() {},
    }),
  };
}

/** The name of a column without the mark that it may be empty. */
export const columnName = (column: string): string => column.replace(/\?$/, '');

/** One pipeline, a step a line. */
export const pipe = (...steps: string[]): string => steps.join('\n  |> ');

/** The last step of a query for a table: only these columns, in one table. */
export const table = (columns: readonly string[]): string =>
  pipe('group()', `keep(columns: [${columns.map((column) => `"${columnName(column)}"`).join(', ')}])`);

/** The range of the dashboard. */
export const dashboardRange = 'range(start: v.timeRangeStart, stop: v.timeRangeStop)';

/** Any of the chosen vehicles. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const chosen = 'r.vehicle =~ /^${vehicle:regex}$/';
/** The chosen vehicle, where just one can be. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const theVehicle = 'r.vehicle == ${vehicle:doublequote}';

export interface Source {
  bucket: BucketName;
  measurement: (typeof measurements)[keyof typeof measurements];
  range?: string;
  vehicles?: string;
}

/** The beginning of a pipeline, up to what the storage engine filters by itself. */
export const source = ({ bucket, measurement, range = dashboardRange, vehicles = chosen }: Source): string =>
  pipe(`from(bucket: "${bucket}")`, range, `filter(fn: (r) => r._measurement == "${measurement}" and ${vehicles})`);

export const fields = (...names: readonly string[]): string =>
  `filter(fn: (r) => ${names.map((name) => `r._field == "${name}"`).join(' or ')})`;

/** One row of all fields that share what `row` names. */
export const pivot = (...row: string[]): string =>
  `pivot(rowKey: [${row.map((name) => `"${name}"`).join(', ')}], columnKey: ["_field"], valueColumn: "_value")`;

/** A numeric column that may be absent, as a float. */
export const number = (name: string, otherwise = '0.0'): string =>
  `(if exists r.${name} then float(v: r.${name}) else ${otherwise})`;
