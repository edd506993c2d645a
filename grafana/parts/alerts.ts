import { chosen, dashboardRange, fields, pipe, pivot, type Query, source, table } from './flux.ts';

interface Wanted {
  kind: 'code' | 'harsh';
  vehicles?: string;
}

/** Alerts of the range that still hold, latest first, with the two minutes around each as `fromMs` and `toMs`. */
export function alerts(columns: readonly string[], { kind, vehicles = chosen }: Wanted): Query {
  return {
    flux: pipe(
      alertRows(kind, vehicles, dashboardRange),
      'sort(columns: ["_time"], desc: true)',
      'limit(n: 500)',
      `map(fn: (r) => ({
      _time: r._time,
      vehicle: r.vehicle,
      event: r.kind,
      ${kind === 'harsh' ? 'mps2: float(v: r.detail)' : 'troubleCode: r.detail'},
      fromMs: string(v: int(v: r._time) / 1000000 - 120000),
      toMs: string(v: int(v: r._time) / 1000000 + 120000),
    }))`,
      table(columns),
    ),
    columns,
  };
}

/** Trouble codes of which the last that was heard is that they are set, latest first. */
export function codesNow(vehicles = chosen): Query {
  const columns = ['vehicle', 'troubleCode', 'since'];
  return {
    flux: pipe(
      alertRows('code', vehicles, 'range(start: -90d)'),
      'group(columns: ["vehicle", "detail"])',
      'sort(columns: ["_time"])',
      'last(column: "kind")',
      'group()',
      'filter(fn: (r) => r.kind == "code-set")',
      'sort(columns: ["_time"], desc: true)',
      'limit(n: 500)',
      'rename(columns: {detail: "troubleCode", _time: "since"})',
      table(columns),
    ),
    columns,
  };
}

/** The alerts as marks on time charts. */
export const alertMarks = (kind: Wanted['kind'], vehicles: string): Query => ({
  flux: pipe(
    alertRows(kind, vehicles, dashboardRange),
    'sort(columns: ["_time"], desc: true)',
    'limit(n: 200)',
    `map(fn: (r) => ({time: r._time, title: r.vehicle, text: r.kind + " " + r.detail, tags: "${kind}"}))`,
  ),
  columns: ['time', 'title', 'text', 'tags'],
});

const alertRows = (kind: Wanted['kind'], vehicles: string, range: string) =>
  pipe(
    source({ bucket: 'fleet', measurement: 'alert', range, vehicles }),
    fields('kind', 'detail', 'status'),
    pivot('_time', 'vehicle'),
    'group()',
    `filter(fn: (r) => r.status == "active" and r.kind =~ /^${kind}-/)`,
  );
