import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { bucketNames } from '../functions/lib/store/influx/names.ts';
import { sourceVariable } from './parts/variables.ts';

const read = (path: string) => parse(readFileSync(new URL(`provisioning/${path}`, import.meta.url), 'utf8'));

it('provisions the data source that the dashboards begin with, and no secret in plain sight', () => {
  const [source, ...others] = read('datasources/fleet.yaml').datasources;
  expect(others).toEqual([]);
  expect(source.uid).toBe(sourceVariable().build().current?.value);
  expect(source.name).toBe(sourceVariable().build().current?.text);
  expect(source).toMatchObject({ type: 'influxdb', access: 'proxy', jsonData: { version: 'Flux' } });
  expect(bucketNames).toContain(source.jsonData.defaultBucket);
  expect(source.secureJsonData).toEqual({ token: '$INFLUX_TOKEN' });
});

it('provisions the dashboards read-only, from one folder', () => {
  const { providers } = read('dashboards/fleet.yaml');
  expect(providers).toMatchObject([{ type: 'file', folderUid: 'fleet', allowUiUpdates: false }]);
});
