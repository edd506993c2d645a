import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

/**
 * A query of Prometheus: Grafana replaces `$job` by the chosen ones, `$__rate_interval` by a time that holds four scrapes at
 * least, `$__range` by the range of the dashboard.
 */
export interface PromQuery {
  promql: string;
  /** The name of each series, by its labels. */
  legend: string;
  /** Labels of every series. */
  labels: readonly string[];
}

/** The data source that is chosen in the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const prometheus = { type: 'prometheus', uid: '${prometheus}' };

/** What a query promises of its series, beside the query but not in the JSON. */
export const promisedLabels = Symbol('promised labels');

export interface PromTarget extends Dataquery {
  refId: string;
  datasource: typeof prometheus;
  expr: string;
  legendFormat: string;
  [promisedLabels]: readonly string[];
}

export function promTarget({ promql, legend, labels }: PromQuery, refId: string): Builder<PromTarget> {
  return {
    build: () => ({
      refId,
      datasource: prometheus,
      editorMode: 'code',
      expr: promql,
      legendFormat: legend,
      range: true,
      [promisedLabels]: labels,
      _implementsDataqueryVariant() {},
    }),
  };
}

/** Every process of the fleet has it from its start. */
export const everyProcess = 'fleet_publish_queue_events';

/** The series of a metric, of the chosen jobs. */
export const metric = (name: string): string => `${name}{job=~"$job"}`;
/** How fast a counter rises, a second. */
export const perS = (name: string): string => `rate(${metric(name)}[$__rate_interval])`;
/** By how much a counter rose. */
export const rise = (name: string, range = '$__rate_interval'): string => `increase(${metric(name)}[${range}])`;

/** A metric that any process may have (prom-client's own), of the fleet's processes alone. */
export const own = (expression: string): string => `${expression} and on (job, instance) ${metric(everyProcess)}`;

/** A process says which function it is; where all are in one it does not. */
const withFunction = (expression: string): string =>
  `label_replace(${expression}, "function", "all in one", "function", "")`;

/** A sum, or another aggregate, by labels; named by their values. */
export function by(labels: readonly string[], expression: string, aggregate = 'sum'): PromQuery {
  const inner = labels.includes('function') ? withFunction(expression) : expression;
  return {
    promql: `${aggregate} by (${labels.join(', ')}) (${inner})`,
    legend: labels.map((label) => `{{${label}}}`).join(' '),
    labels,
  };
}

/** One series of all. */
export const total = (legend: string, expression: string, aggregate = 'sum'): PromQuery => ({
  promql: `${aggregate}(${expression})`,
  legend,
  labels: [],
});

/** The same, without what is 0 throughout. */
export const positive = (query: PromQuery): PromQuery => ({ ...query, promql: `${query.promql} > 0` });

/** The same, with a word before the name of each series. */
export const called = (word: string, query: PromQuery): PromQuery => ({ ...query, legend: `${word} ${query.legend}` });

/** A quantile of a histogram, by labels. */
export function quantile(share: number, name: string, ...labels: string[]): PromQuery {
  const { promql, legend } = by(['le', ...labels], perS(`${name}_bucket`));
  return {
    promql: `histogram_quantile(${share}, ${promql})`,
    legend: `${legend.replace('{{le}} ', '')} p${share * 100}`,
    labels,
  };
}
