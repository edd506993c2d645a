import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { run } from './test-world.ts';

it('says how it stands with InfluxDB', async () => {
  const influxd = await startInfluxd();
  onTestFinished(() => influxd.dispose());
  const folder = await mkdtemp(join(tmpdir(), 'fleet-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { url, org, tokens } = await influxd.newOrg();
  const env = { FLEET_DATA: folder, PORT: '1', STORE: 'influx', INFLUX_URL: url, INFLUX_ORG: org };
  const storeOf = async (token: string) => {
    const { out } = await run(['doctor', '--json'], { ...env, INFLUX_TOKEN: token });
    const { findings } = JSON.parse(out) as { findings: { check: string; level: string; says: string }[] };
    return findings.filter(({ check }) => check === 'store');
  };
  expect(await storeOf(tokens.query as string)).toMatchObject([{ level: 'ok' }]);
  expect(JSON.stringify(await storeOf('wrong'))).toMatch(/"problem".*401/);
});
