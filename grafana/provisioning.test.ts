import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { bucketNames } from '../functions/lib/store/influx/names.ts';
import { prometheusVariable, sourceVariable } from './parts/variables.ts';

const read = (path: string) => parse(readFileSync(new URL(`provisioning/${path}`, import.meta.url), 'utf8'));

it('provisions the data sources that the dashboards begin with, and no secret in plain sight', () => {
  const [source, prometheus, ...others] = read('datasources/fleet.yaml').datasources;
  expect(others).toEqual([]);
  expect(source.uid).toBe(sourceVariable().build().current?.value);
  expect(source.name).toBe(sourceVariable().build().current?.text);
  expect(source).toMatchObject({ type: 'influxdb', access: 'proxy', jsonData: { version: 'Flux' } });
  expect(bucketNames).toContain(source.jsonData.defaultBucket);
  expect(source.secureJsonData).toEqual({ token: '$INFLUX_TOKEN' });
  expect(prometheus.uid).toBe(prometheusVariable().build().current?.value);
  expect(prometheus.name).toBe(prometheusVariable().build().current?.text);
  expect(prometheus).toMatchObject({ type: 'prometheus', access: 'proxy', url: '$PROMETHEUS_URL' });
  expect(prometheus.isDefault).toBeUndefined();
});

it('provisions the dashboards read-only, from one folder', () => {
  const { providers } = read('dashboards/fleet.yaml');
  expect(providers).toMatchObject([{ type: 'file', folderUid: 'fleet', allowUiUpdates: false }]);
});
