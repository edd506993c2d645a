import { InfluxDB } from '@influxdata/influxdb-client';
import { BucketsAPI } from '@influxdata/influxdb-client-apis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Influxd, type InfluxOrg, startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { post, samples } from './client.ts';
import { ago, eventOf } from './events.ts';
import { eventually, freePort, startProgram } from './program.ts';
import { isReady, Server } from './server.ts';

/** EX_CONFIG of sysexits.h. */
const exitConfig = 78;

let influxd: Influxd;
let org: InfluxOrg;
beforeAll(async () => {
  influxd = await startInfluxd();
  org = await influxd.newOrg();
});
afterAll(() => influxd?.dispose());

const settings = (part: Record<string, string> = {}) => ({
  STORE: 'influx',
  INFLUX_URL: org.url,
  INFLUX_ORG: org.org,
  INFLUX_TOKEN: org.tokens.query as string,
  ...part,
});

const buckets = () => new BucketsAPI(new InfluxDB({ url: influxd.url, token: influxd.adminToken }));

async function bucketOf(of: InfluxOrg, name: string): Promise<string> {
  return (await buckets().getBuckets({ org: of.org, name })).buckets?.[0]?.id as string;
}

test.each<[string, Record<string, string>, RegExp]>([
  ['no URL', { INFLUX_URL: '' }, /INFLUX_URL: STORE=influx needs it/],
  ['a URL that is none', { INFLUX_URL: 'influx' }, /environment: INFLUX_URL: /],
  ['no token', { INFLUX_TOKEN: '' }, /one of INFLUX_TOKEN and INFLUX_TOKEN_FILE/],
  [
    'a token file that is not there',
    { INFLUX_TOKEN: '', INFLUX_TOKEN_FILE: '/nowhere' },
    /INFLUX_TOKEN_FILE: .*nowhere/,
  ],
  ['a wrong token', { INFLUX_TOKEN: 'wrong' }, /answered 401: unauthorized access \(see INFLUX_TOKEN/],
  ['a wrong organisation', { INFLUX_ORG: 'nobody' }, /organization name "nobody" not found \(see INFLUX_ORG/],
])('%s is said in one line, and nothing listens', async (_, part, says) => {
  await expectRefusal(settings(part), says);
});

test('a token that may not do what the function needs', async () => {
  await expectRefusal(
    settings({ INFLUX_TOKEN: org.tokens.ingest as string }),
    /InfluxDB answered 40\d: .*(INFLUX_TOKEN|INFLUX_ORG)/,
  );
});

test('a bucket that is not there', async () => {
  const other = await influxd.newOrg();
  await buckets().deleteBucketsID({ bucketID: await bucketOf(other, 'telemetry_5m') });
  const part = { INFLUX_ORG: other.org, INFLUX_TOKEN: other.tokens.query as string };
  await expectRefusal(settings(part), /bucket "?telemetry_5m"?.* (not found|find)/);
});

test('a bucket with another retention', async () => {
  const other = await influxd.newOrg();
  const retentionRules = [{ type: 'expire' as const, everySeconds: 86_400, shardGroupDurationSeconds: 3_600 }];
  await buckets().patchBucketsID({ bucketID: await bucketOf(other, 'telemetry_raw'), body: { retentionRules } });
  const part = { INFLUX_ORG: other.org, INFLUX_TOKEN: other.tokens.query as string };
  await expectRefusal(settings(part), /bucket telemetry_raw keeps 1 days, not 7 days/);
});

test('an InfluxDB that is not there is waited for: not ready, 503, and nothing is lost', async () => {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const token = await server.token(['*']);
  const env = { ...server.env, ...settings({ INFLUX_URL: `http://127.0.0.1:${await freePort()}` }) };
  const program = startProgram(['platform/local/main.ts'], env);
  onTestFinished(() => program.killAll());
  const readiness = await eventually('an answer', async () =>
    fetch(`${server.url}/health/readiness`).catch(() => undefined),
  );
  expect([readiness.status, await readiness.text()]).toEqual([503, expect.stringMatching(/cannot be reached/)]);
  const answer = await post(server, token, [eventOf('car-1', { time: ago(60), speedKmh: 1 })]);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(program.stdout() + program.stderr()).toMatch(/InfluxDB at .* cannot be reached/);
});

test('a field that somebody else has written with another type: 503 with the reason, and for nobody else', async () => {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const token = await server.token(['*']);
  const other = await influxd.newOrg();
  const env = settings({ INFLUX_ORG: other.org, INFLUX_TOKEN: other.tokens.query as string });
  await server.start({ env });
  const time = ago(60);
  const foreign = `sample,vehicle=strange,device=x fuelLevelPct="full" ${Date.parse(time)}000000`;
  const written = await fetch(`${influxd.url}/api/v2/write?org=${other.org}&bucket=telemetry_raw&precision=ns`, {
    method: 'POST',
    headers: { authorization: `Token ${influxd.adminToken}` },
    body: foreign,
  });
  expect(written.status).toBe(204);

  const good = eventOf('car-1', { time, speedKmh: 1 });
  const bad = eventOf('car-2', { time, speedKmh: 2, fuelLevelPct: 50 });
  const send = async (event: typeof good) => {
    const answer = await post(server, token, [event]);
    await answer.body?.cancel();
    return answer.status;
  };
  const statuses = await Promise.all([send(good), send(bad), send(eventOf('car-3', { time, speedKmh: 3 }))]);
  expect(statuses).toEqual([202, 503, 202]);
  expect(await samples(server, 'car-1')).toHaveLength(1);
  expect(server.log()).toMatch(/field type conflict: input field \\?"fuelLevelPct/);
});

async function expectRefusal(env: Record<string, string>, says: RegExp): Promise<void> {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const program = startProgram(['platform/local/main.ts'], { ...server.env, ...env });
  const { code } = await program.ended;
  expect(program.stderr()).toMatch(says);
  expect(program.stderr()).toMatch(/^fleet: /);
  expect(program.stderr().trim().split('\n'), program.stderr()).toHaveLength(1);
  expect(code).toBe(exitConfig);
  expect(await isReady(server.url)).toBe(false);
}
