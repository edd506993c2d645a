import { InfluxDB } from '@influxdata/influxdb-client';
import { AuthorizationsAPI, BucketsAPI } from '@influxdata/influxdb-client-apis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Influxd, startInfluxd } from '../testing/influxd.ts';
import { bucketLives } from './names.ts';
import { lifeFault, provision } from './provision.ts';

let influxd: Influxd;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

const settings = () => ({
  url: influxd.url,
  org: 'fleet',
  adminToken: influxd.adminToken,
  password: 'of-the-first-user',
});

it('sets everything up, and a second time changes nothing', async () => {
  const first = await provision(settings());
  expect(first.done).toEqual(
    expect.arrayContaining([expect.stringMatching(/^set up /), 'bucket fleet', 'token of ingest']),
  );
  const second = await provision(settings());
  expect(second).toEqual({ tokens: first.tokens, done: [] });
  expect(new Set(Object.values(first.tokens)).size).toBe(Object.keys(first.tokens).length);

  const buckets = new BucketsAPI(new InfluxDB({ url: influxd.url, token: influxd.adminToken }));
  const { buckets: there } = await buckets.getBuckets({ org: 'fleet' });
  for (const [name, { retentionMs, shardGroupMs }] of Object.entries(bucketLives)) {
    const bucket = there?.find((one) => one.name === name);
    expect(bucket?.retentionRules[0], name).toMatchObject({
      everySeconds: (retentionMs ?? 0) / 1000,
      shardGroupDurationSeconds: shardGroupMs / 1000,
    });
  }
});

it('mends a bucket of another life, and a token that may do something else', async () => {
  const { tokens } = await provision(settings());
  const admin = new InfluxDB({ url: influxd.url, token: influxd.adminToken });
  const [bucket] = (await new BucketsAPI(admin).getBuckets({ org: 'fleet', name: 'telemetry_raw' })).buckets ?? [];
  const rules = [{ type: 'expire' as const, everySeconds: 3_600, shardGroupDurationSeconds: 3_600 }];
  const changed = await new BucketsAPI(admin).patchBucketsID({
    bucketID: bucket?.id as string,
    body: { retentionRules: rules },
  });
  expect(lifeFault(changed)).toMatch(/keeps .* days, not 7 days/);
  const authorizations = new AuthorizationsAPI(admin);
  const all = (await authorizations.getAuthorizations({ org: 'fleet' })).authorizations ?? [];
  const ingest = all.find(({ token }) => token === tokens.ingest);
  await authorizations.deleteAuthorizationsID({ authID: ingest?.id as string });

  const mended = await provision(settings());
  expect(mended.done).toEqual(['life of bucket telemetry_raw', 'token of ingest']);
  expect(mended.tokens).toEqual({ ...tokens, ingest: expect.not.stringMatching(tokens.ingest as string) });
});

it('leaves a bucket that keeps its points longer as it is, and says so', async () => {
  const org = 'elsewhere';
  await provision({ ...settings(), org });
  const buckets = new BucketsAPI(new InfluxDB({ url: influxd.url, token: influxd.adminToken }));
  const [bucket] = (await buckets.getBuckets({ org, name: 'telemetry_raw' })).buckets ?? [];
  const rules = [{ type: 'expire' as const, everySeconds: 0, shardGroupDurationSeconds: 86_400 }];
  await buckets.patchBucketsID({ bucketID: bucket?.id as string, body: { retentionRules: rules } });
  await expect(provision({ ...settings(), org })).rejects.toThrow(/telemetry_raw keeps for ever, not 7 days/);
  const [after] = (await buckets.getBuckets({ org, name: 'telemetry_raw' })).buckets ?? [];
  expect(after?.retentionRules[0]?.everySeconds).toBe(0);
});

it('gives each token only its own', async () => {
  const { tokens } = await provision(settings());
  const write = async (user: string, bucket: string) => {
    const answer = await fetch(`${influxd.url}/api/v2/write?org=fleet&bucket=${bucket}&precision=ns`, {
      method: 'POST',
      headers: { authorization: `Token ${tokens[user]}` },
      body: `probe value=1 ${Date.now()}000000`,
    });
    await answer.body?.cancel();
    return answer.status;
  };
  const read = async (user: string, bucket: string) => {
    const answer = await fetch(`${influxd.url}/api/v2/query?org=fleet`, {
      method: 'POST',
      headers: { authorization: `Token ${tokens[user]}`, 'content-type': 'application/vnd.flux' },
      body: `from(bucket: "${bucket}") |> range(start: -1m)`,
    });
    await answer.body?.cancel();
    return answer.status;
  };
  expect(await write('ingest', 'telemetry_raw')).toBe(204);
  expect(await write('ingest', 'fleet')).not.toBe(204);
  expect(await read('ingest', 'telemetry_raw')).not.toBe(200);
  expect(await write('grafana', 'fleet')).not.toBe(204);
  expect(await read('grafana', 'fleet')).toBe(200);
  expect(await write('enrich', 'telemetry_1m')).not.toBe(204);
});
