import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Influxd, startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { functionNames } from '../host/config.ts';
import { run } from './test-world.ts';

let influxd: Influxd;
let folder: string;
beforeAll(async () => {
  influxd = await startInfluxd();
  folder = await mkdtemp(join(tmpdir(), 'fleet-provision-'));
});
afterAll(async () => {
  await influxd?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const names = [...functionNames, 'grafana'].map((name) => `fleet-influx-${name}`).sort();
const env = () => ({ INFLUX_URL: influxd.url, INFLUX_TOKEN: influxd.adminToken, INFLUX_PASSWORD: 'of-the-first-user' });

it('prints a Secret for each function and Grafana, and the same the second time', async () => {
  const first = await run(['provision', 'influx', '--namespace', 'cars'], env());
  expect([first.code, first.err]).toEqual([0, expect.stringMatching(/^set up http/)]);
  const secrets = parseAllDocuments(first.out).map((document) => document.toJS());
  expect(secrets.map(({ metadata }) => metadata.name).sort()).toEqual(names);
  for (const { kind, metadata, stringData } of secrets) {
    expect([kind, metadata.namespace]).toEqual(['Secret', 'cars']);
    expect(stringData.token.length).toBeGreaterThan(40);
  }
  const second = await run(['provision', 'influx', '--namespace', 'cars'], env());
  expect(second).toMatchObject({ code: 0, out: first.out, err: 'everything was there already\n' });
});

it('writes them into a file for the owner alone, with the token from a file', async () => {
  const [tokenFile, output] = [join(folder, 'admin'), join(folder, 'secrets.yaml')];
  await writeFile(tokenFile, `${influxd.adminToken}\n`);
  const part = { INFLUX_URL: influxd.url, INFLUX_TOKEN_FILE: tokenFile };
  const { code, out, err } = await run(['provision', 'influx', '--output', output], part);
  expect([code, out]).toEqual([0, '']);
  expect(err).toContain(output);
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  expect(parseAllDocuments(await readFile(output, 'utf8'))).toHaveLength(names.length);
});

it.each<[string, Record<string, string>, number, RegExp]>([
  ['no URL', { INFLUX_URL: '' }, 78, /INFLUX_URL/],
  ['no token', { INFLUX_TOKEN: '' }, 78, /INFLUX_TOKEN/],
  ['a token that may not', { INFLUX_TOKEN: 'wrong' }, 78, /401.*INFLUX_TOKEN must be an operator's/],
  ['nobody there', { INFLUX_URL: 'http://127.0.0.1:1' }, 69, /INFLUX_URL: .* cannot be reached/],
])('%s is said in one line', async (_, part, code, says) => {
  const result = await run(['provision', 'influx'], { ...env(), ...part });
  expect(result.err).toMatch(says);
  expect(result.err.trim().split('\n')).toHaveLength(1);
  expect([result.code, result.out]).toEqual([code, '']);
});
