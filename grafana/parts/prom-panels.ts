import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { Step } from '../looks/look.ts';
import { asLines, asTiles } from './panels.ts';
import { type PromQuery, prometheus, promTarget } from './promql.ts';

/** What a panel on Prometheus has; its series are named by their labels, and all of one unit. */
export interface PromPanelText {
  title: string;
  description: string;
  queries: readonly PromQuery[];
  /** Said instead of an empty panel. */
  empty: string;
  unit: string;
  decimals?: number;
  steps?: readonly Step[];
  /** Of 24 columns. */
  span: number;
}

/** The latest value of each series as a tile, over what it was. */
export const promTiles = (panel: PromPanelText): stat.PanelBuilder =>
  asTiles(dressed(new stat.PanelBuilder(), panel).height(4), { spark: true });

/** A line for each series. */
export const promLines = (panel: PromPanelText): timeseries.PanelBuilder =>
  asLines(dressed(new timeseries.PanelBuilder(), panel).height(8).min(0));

/** Words, in Markdown. */
export const note = (title: string, description: string, markdown: string): text.PanelBuilder =>
  new text.PanelBuilder()
    .title(title)
    .description(description)
    .mode(text.TextMode.Markdown)
    .content(markdown)
    .span(24)
    .height(4);

interface AnyPanel {
  title(title: string): this;
  description(description: string): this;
  datasource(source: typeof prometheus): this;
  targets(targets: ReturnType<typeof promTarget>[]): this;
  span(columns: number): this;
  noValue(text: string): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  thresholds(thresholds: ThresholdsConfigBuilder): this;
}

function dressed<P extends AnyPanel>(panel: P, words: PromPanelText): P {
  const { title, description, queries, empty, unit, decimals, steps, span } = words;
  panel.title(title).description(description).datasource(prometheus).span(span).noValue(empty).unit(unit);
  panel.targets(queries.map((query, index) => promTarget(query, String.fromCharCode(65 + index))));
  if (decimals !== undefined) panel.decimals(decimals);
  if (steps) {
    const values = steps.map(([value, color]) => ({ value, color }));
    panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(values));
  }
  return panel;
}
