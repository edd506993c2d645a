import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

/** What a reader has chosen in a dashboard. */
export interface Choice {
  fromMs: number;
  toMs: number;
  /** When the day of the browser began. */
  midnightMs: number;
  /** Values of variables; `All` is every vehicle. */
  variables: Record<string, string | readonly string[]>;
}

/** Intervals that Grafana rounds to, ms. */
const steps = [
  10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 20e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1_200e3,
];
const longSteps = [1_800e3, 3_600e3, 7_200e3, 10_800e3, 21_600e3, 43_200e3, 86_400e3, 604_800e3, 2_592_000e3];

/** Points of a panel that names no other number: its width in pixels. */
export const defaultPoints = 1_000;

/**
 * A query's text as Grafana sends it to InfluxDB: variables by the dashboard's front end (formats `regex` and `doublequote`),
 * range and window by the data source's back end (grafana/grafana, pkg/tsdb/influxdb/flux/macros.go). Throws on a variable
 * that is not there.
 */
export function interpolate(flux: string, dashboard: Dashboard, panel: Partial<Panel>, choice: Choice): string {
  const { fromMs, toMs } = panel.timeFrom === 'now/d' ? { fromMs: choice.midnightMs, toMs: choice.toMs } : choice;
  const texts = flux.replace(/\$\{(\w+)(?::(\w+))?\}/g, (_, name: string, format?: string) => {
    const variable = dashboard.templating.list?.find((one) => one.name === name);
    const value = choice.variables[name];
    if (!variable || value === undefined) throw new Error(`no variable ${name} in ${dashboard.title}`);
    if (value === 'All') return variable.allValue ?? '';
    return formatted(value, format);
  });
  const periodMs = intervalMs(toMs - fromMs, panel);
  return texts
    .replaceAll('v.timeRangeStart', new Date(fromMs).toISOString())
    .replaceAll('v.timeRangeStop', new Date(toMs).toISOString())
    .replaceAll('v.windowPeriod', goDuration(periodMs));
}

function formatted(value: string | readonly string[], format?: string): string {
  const values = typeof value === 'string' ? [value] : value;
  if (format === 'doublequote') return values.map((one) => `"${one.replaceAll('"', '\\"')}"`).join(',');
  if (format !== 'regex') return typeof value === 'string' ? value : `{${value.join(',')}}`;
  const escaped = values.map((one) => one.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
  return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
}

function intervalMs(rangeMs: number, { maxDataPoints = defaultPoints, interval }: Partial<Panel>): number {
  const exact = rangeMs / maxDataPoints;
  const rounded = [...steps, ...longSteps].findLast((step) => step <= exact) ?? 10;
  const units: Record<string, number> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };
  const least = interval ? Number.parseInt(interval, 10) * (units[interval.at(-1) ?? ''] ?? Number.NaN) : 0;
  return Math.max(rounded, least);
}

/** As Go writes a duration: 1h0m0s, 15s, 200ms. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`;
}
