import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { provision } from '../../functions/lib/store/influx/provision.ts';
import './influx-setup.ts';

/** Settings of a store that nobody else has, where the suite runs on InfluxDB; none where it runs on SQLite. */
export async function storeSettings(): Promise<Record<string, string>> {
  const influxd = inject('influxd');
  if (!influxd) return {};
  const org = randomUUID();
  const password = 'of-the-first-user';
  const { tokens } = await provision({ ...influxd, org, password });
  return { STORE: 'influx', INFLUX_URL: influxd.url, INFLUX_ORG: org, INFLUX_TOKEN: tokens.query as string };
}

/** Everything takes longer where each call of the store goes over HTTP to a database that shares the machine. */
export const patience = inject('influxd') ? 20 : 1;
