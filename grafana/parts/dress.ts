import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Look, properties } from '../looks/look.ts';
import { looks } from '../looks/looks.ts';
import { columnName, influx, type Query, target } from './flux.ts';

/** What every panel has. */
export interface PanelText {
  title: string;
  /** What is shown, from where, and what a reader could get wrong. */
  description: string;
  query: Query;
  /** Said instead of an empty panel. */
  empty: string;
  /** Of 24 columns. */
  span: number;
  height?: number;
  /** How series look that are named by a label of theirs. */
  each?: { by: 'vehicle' | 'device'; unit: string; decimals: number };
  /** Looks that are other than usual here. */
  look?: Record<string, Partial<Look>>;
}

interface AnyPanel {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: typeof influx): this;
  withTarget(target: Builder<Dataquery>): this;
  span(columns: number): this;
  height(rows: number): this;
  noValue(text: string): this;
  displayName(name: string): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
}

/**
 * Gives a panel its texts, query and place, and each of its columns and series its look.
 *
 * @param own the properties that only this kind of panel knows
 */
export function dress<P extends AnyPanel>(
  panel: P,
  { title, description, query, empty, span, height = 8, each, look = {} }: PanelText,
  own: (look: Look) => DynamicConfigValue[] = () => [],
): P {
  panel.title(title).description(description).datasource(influx).withTarget(target(query));
  panel.span(span).height(height).noValue(empty);
  if (each) panel.displayName(`\${__field.labels.${each.by}}`).unit(each.unit).decimals(each.decimals);
  // Series that are named by a label have no columns of their own.
  for (const name of each ? [] : [...query.columns.map(columnName), ...(query.series ?? [])]) {
    if (!looks[name] && !look[name]) continue;
    const full = { name, ...looks[name], ...look[name] };
    panel.overrideByName(name, [...properties(full), ...own(full)]);
  }
  return panel;
}
