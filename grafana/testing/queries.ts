import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type FluxTarget, promised, type Query } from '../parts/flux.ts';

/** A query of a dashboard, wherever it stands. */
export interface BoardQuery extends Query {
  /** What it belongs to, for messages. */
  of: string;
  panel: Partial<Panel>;
}

/** Every query of a dashboard: of its panels, annotations and variables. */
export function queriesOf({ panels = [], annotations, templating }: Dashboard): BoardQuery[] {
  const ofPanels = panels.flatMap((panel) =>
    'targets' in panel
      ? (panel.targets ?? []).map((one) => fromTarget(`panel "${panel.title}"`, panel, one as FluxTarget))
      : [],
  );
  const ofAnnotations = (annotations.list ?? []).map((one) =>
    fromTarget(`annotation "${one.name}"`, {}, one.target as FluxTarget),
  );
  const ofVariables = (templating.list ?? [])
    .filter(({ type }) => type === 'query')
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
