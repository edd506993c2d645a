import {
  type AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DatasourceVariableBuilder,
  type QueryVariableBuilder,
  type TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { laidOut, type Row } from './layout.ts';
import { boardList, tag, uids } from './links.ts';
import { sourceVariable } from './variables.ts';

/** The format of the JSON: Grafana 12's. Newer ones migrate it by themselves. */
export const schemaVersion = 42;

type Variable = QueryVariableBuilder | TextBoxVariableBuilder | DatasourceVariableBuilder;

export interface BoardText {
  uid: keyof typeof uids;
  title: string;
  description: string;
  from: string;
  refresh: string;
  /** Of another data source than InfluxDB. */
  source?: DatasourceVariableBuilder;
  variables: Variable[];
  annotations?: AnnotationQueryBuilder[];
  rows: readonly Row[];
}

/** A dashboard with what all of them share: fixed uid, tag, links to the others, the data source's variable. */
export function board(text: BoardText): Dashboard {
  const { uid, title, description, from, refresh, source = sourceVariable(), variables, annotations = [], rows } = text;
  const dashboard = new DashboardBuilder(`Fleet / ${title}`)
    .uid(uids[uid])
    .description(description)
    .tags([tag])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh(refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .build();
  const list = [source, ...variables].map((one) => without(one.build(), 'auto', 'auto_min', 'auto_count'));
  return {
    ...dashboard,
    templating: { list },
    annotations: { list: annotations.map((one) => without(one.build(), 'placement')) },
    links: [without(boardList().build(), 'placement')],
    panels: laidOut(rows),
    schemaVersion,
    version: 1,
  };
}

/** The builders set some defaults that are none of Grafana's: links in a menu instead of at the top, intervals of variables. */
function without<T extends object, K extends keyof T>(built: T, ...names: K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(built).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}
