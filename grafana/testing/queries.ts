import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type FluxTarget, influx, promised, type Query } from '../parts/flux.ts';
import { type PromQuery, type PromTarget, type prometheus, promisedLabels } from '../parts/promql.ts';

/** A query of a dashboard, wherever it stands. */
export interface BoardQuery extends Query {
  /** What it belongs to, for messages. */
  of: string;
  panel: Partial<Panel>;
}

/** Every query of InfluxDB in a dashboard: of its panels, annotations and variables. */
export function queriesOf({ panels = [], annotations, templating }: Dashboard): BoardQuery[] {
  const ofPanels = panels.flatMap((panel) =>
    'targets' in panel
      ? (panel.targets ?? [])
          .filter((one) => promised in one)
          .map((one) => fromTarget(`panel "${panel.title}"`, panel, one as FluxTarget))
      : [],
  );
  const ofAnnotations = (annotations.list ?? []).map((one) =>
    fromTarget(`annotation "${one.name}"`, {}, one.target as FluxTarget),
  );
  const ofVariables = (templating.list ?? [])
    .filter(({ type, datasource }) => type === 'query' && datasource?.type === influx.type)
    .map(({ name, query }) => ({ of: `variable "${name}"`, panel: {}, flux: String(query), columns: ['_value'] }));
  return [...ofPanels, ...ofAnnotations, ...ofVariables];
}

const fromTarget = (
  of: string,
  panel: Partial<Panel>,
  { query, [promised]: { columns, series = [] } }: FluxTarget,
) => ({
  of,
  panel,
  flux: query,
  columns,
  series,
});

/** Every query of Prometheus in the panels of a dashboard. */
export function promQueriesOf({
  panels = [],
}: Dashboard): (PromQuery & { of: string; datasource: typeof prometheus })[] {
  return panels.flatMap((panel) =>
    'targets' in panel
      ? (panel.targets ?? [])
          .filter((one): one is PromTarget => promisedLabels in one)
          .map(({ refId, expr, legendFormat, datasource, [promisedLabels]: labels }) => ({
            of: `panel "${panel.title}" ${refId}`,
            promql: expr,
            legend: legendFormat,
            labels,
            datasource,
          }))
      : [],
  );
}
