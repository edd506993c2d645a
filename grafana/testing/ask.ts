import { InfluxDB } from '@influxdata/influxdb-client';
import type { InfluxOrg } from '../../functions/lib/store/testing/influxd.ts';

/** One table of an answer: what Grafana makes a frame of. */
export interface Frame {
  columns: string[];
  rows: Record<string, string>[];
}

/** Asks as Grafana does, with the token that can only read. Rejects with InfluxDB's message, and the query. */
export async function ask({ url, org, tokens }: InfluxOrg, flux: string): Promise<Frame[]> {
  const client = new InfluxDB({ url, token: tokens.grafana as string, timeout: 60_000 });
  const frames = new Map<string, Frame>();
  try {
    for await (const { values, tableMeta } of client.getQueryApi(org).iterateRows(flux)) {
      const labels = tableMeta.columns.map(({ label }) => label);
      const row = Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']));
      const { result, table, ...rest } = row;
      const frame = frames.get(`${result} ${table}`) ?? { columns: Object.keys(rest), rows: [] };
      frame.rows.push(rest);
      frames.set(`${result} ${table}`, frame);
    }
  } catch (cause) {
    throw new Error(`${(cause as Error).message}\n${flux}`, { cause });
  }
  return [...frames.values()];
}
