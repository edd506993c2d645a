import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventTypes } from '../functions/lib/telemetry/events.ts';
import { deliver, ping, post, publish } from '../platform/e2e/client.ts';
import { recordedDrive } from '../platform/e2e/drives.ts';
import { ago, batchesOf, eventOf } from '../platform/e2e/events.ts';
import { eventually, freePort, sleep } from '../platform/e2e/program.ts';
import { Server } from '../platform/e2e/server.ts';
import { settled } from '../platform/e2e/settled.ts';
import { functions } from './boards/functions.ts';
import { everyProcess } from './parts/promql.ts';
import { goDuration } from './testing/interpolate.ts';
import { checkMetrics, type Prometheus, type Series, scrapeS, startPrometheus } from './testing/prometheus.ts';
import { promQueriesOf } from './testing/queries.ts';

/** The laptop, and two functions as containers have them: one that asks Prometheus for a token, one that does not. */
let servers: { laptop: Server; ingest: Server; enrich: Server };
let prometheus: Prometheus;
let startMs: number;

beforeAll(async () => {
  const [laptop, ingest, enrich] = [await Server.prepare(), await Server.prepare(), await Server.prepare()];
  servers = { laptop, ingest, enrich };
  await laptop.start();
  await ingest.start({ hosting: 'function' });
  await enrich.start({ hosting: 'function', env: { FUNCTION: 'enrich' } });
  const scrapes = [
    {
      job_name: 'laptop',
      authorization: { credentials_file: await tokenFileOf(laptop) },
      static_configs: [{ targets: [new URL(laptop.url).host] }],
    },
    {
      ...onCluster,
      authorization: { credentials_file: await tokenFileOf(ingest) },
      static_configs: pods(ingest, enrich),
    },
  ];
  prometheus = await startPrometheus(scrapes, await freePort());
  startMs = Date.now();
  await scraped();
  await drive();
  // The last counts, and a rate over them.
  await sleep(3_000 * scrapeS);
});
afterAll(async () => {
  await prometheus?.dispose();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
});

/** What scrapes a cluster, but for how it finds pods: Debian's Prometheus is built without Kubernetes. */
const { kubernetes_sd_configs: _, ...onCluster } = (
  parse(readFileSync(new URL('../platform/k3d/prometheus/scrape.yaml', import.meta.url), 'utf8')) as {
    scrape_configs: [Record<string, object>];
  }
).scrape_configs[0];

/** Servers as Prometheus finds pods of Knative, each with its proxy, and one that is not to be scraped. */
function pods(...functions: Server[]): object[] {
  const meta = (container: string, port: string, scrape: string) => ({
    targets: ['127.0.0.1:9'],
    labels: Object.fromEntries(
      Object.entries({
        ...{ pod_ip: '127.0.0.1', pod_name: `pod-${port}`, pod_container_name: container },
        pod_annotation_prometheus_io_scrape: scrape,
        pod_annotation_prometheus_io_port: port,
        pod_annotation_prometheus_io_path: '/metrics',
      }).map(([name, value]) => [`__meta_kubernetes_${name}`, value]),
    ),
  });
  const ports = functions.map(({ url }) => new URL(url).port);
  return [
    ...ports.flatMap((port) => ['user-container', 'queue-proxy'].map((container) => meta(container, port, 'true'))),
    meta('user-container', '9', ''),
  ];
}

async function tokenFileOf(server: Server): Promise<string> {
  const file = join(server.dataDir, 'prometheus-token');
  writeFileSync(file, await server.token(['*'], ['read']));
  return file;
}

/** Waits until Prometheus has seen every process twice, so that what comes is a rise. */
async function scraped(): Promise<void> {
  await eventually('the first scrapes', async () => {
    const seen = await prometheus.queryRange(`count_over_time(${everyProcess}[1m]) > 1`, Date.now(), Date.now());
    return seen.length === 3 || undefined;
  });
}

/** Something of everything: drives, refusals, poison twice, what nobody takes, jobs. */
async function drive(): Promise<void> {
  const { laptop, ingest, enrich } = servers;
  const token = await laptop.token(['car-1']);
  const town = recordedDrive('town');
  const half = Math.ceil(town.length / 2);
  await deliver(ingest, await ingest.token(['car-2']), [eventOf('car-2', { time: ago(60), speedKmh: 50 })]);
  const poison = { specversion: '1.0', source: '/e2e', type: eventTypes.accepted, data: 'junk' } as const;
  for (const [id, part] of [
    ['poison-1', town.slice(0, half)],
    ['poison-2', town.slice(half)],
  ] as const) {
    for (const batch of batchesOf('car-1', part, 600)) await deliver(laptop, token, batch);
    await settled(laptop);
    await post(laptop, 'no token', []);
    await fetch(`${laptop.url}/ingest`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: 'csv' });
    await publish(laptop, { ...poison, id });
    await publish(laptop, { ...poison, id: `${id}-unmatched`, type: 'nobody.listens' });
    await fetch(enrich.url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ ...poison, id }),
    });
    for (const job of ['downsample-1m', 'downsample-5m', 'expire', 'sweep'] as const) await ping(laptop, job);
    // So that the second is a rise of what the first began.
    await sleep(1_500 * scrapeS);
  }
}

/** As Grafana fills in what a reader has chosen (public/app/plugins/datasource/prometheus, getRateIntervalScopedVariable). */
function filled(promql: string, job: string): string {
  const intervalMs = 1_000 * scrapeS;
  const rateMs = Math.max(intervalMs + 1_000 * scrapeS, 4_000 * scrapeS);
  const text = promql
    .replaceAll('$job', job)
    .replaceAll('$__rate_interval', goDuration(rateMs))
    .replaceAll('$__range', '60s');
  if (text.includes('$')) throw new Error(`nobody fills in all of ${text}`);
  return text;
}

const answer = (promql: string, job = '.+'): Promise<Series[]> =>
  prometheus.queryRange(filled(promql, job), startMs, Date.now());

const valuesOf = (series: readonly Series[]): number[] =>
  series.flatMap(({ values }) => values.map(([, value]) => Number(value))).filter((value) => !Number.isNaN(value));

const queries = promQueriesOf(functions());
const queryOf = (of: string) => queries.find((one) => one.of === `panel "${of}" A`)?.promql ?? '';

describe('the dashboard Functions', () => {
  it.each(queries)('$of answers with its labels', async ({ promql, labels }) => {
    const series = await answer(promql);
    expect(series.length, promql).toBeGreaterThan(0);
    for (const { metric } of series) {
      expect(Object.keys(metric).sort()).toEqual([...labels].sort());
      expect(Object.values(metric)).not.toContain('');
    }
    expect(valuesOf(series).length, promql).toBeGreaterThan(0);
  });

  it('offers the jobs that scrape the fleet, and shows the chosen one', async () => {
    expect((await prometheus.labelValues('job', everyProcess)).sort()).toEqual(['fleet', 'laptop']);
    const functionsOf = async (job: string) =>
      (await answer(queryOf('Memory'), job)).map(({ metric }) => metric.function).sort();
    expect(await functionsOf('.+')).toEqual(['all in one', 'enrich', 'ingest']);
    expect(await functionsOf('laptop')).toEqual(['all in one']);
    expect(await functionsOf('fleet')).toEqual(['enrich', 'ingest']);
  });

  it.each<[string, Record<string, string>]>([
    ['Samples accepted', {}],
    ['Requests refused', { code: 'unauthorized' }],
    ['Requests refused', { code: 'unsupported-media-type' }],
    ['Answers of POST /ingest', { status: '2xx' }],
    ['Answers of POST /ingest', { status: '4xx' }],
    ['Events at the broker', { outcome: 'unmatched' }],
    ['Deliveries', { trigger: 'enrich', outcome: 'delivered' }],
    ['Deliveries', { trigger: 'enrich', outcome: 'dead_lettered' }],
    ['Failed tries', { trigger: 'enrich', reason: '422' }],
    ['Time for an event', { function: 'trip-segment' }],
    ['Events not published', { reason: 'no-broker' }],
    ['Dead letters', { destination: 'http://enrich.fleet.svc.cluster.local' }],
    ['Rows rolled up and expired', { tier: '1m' }],
    ['Active', { function: 'ingest' }],
    ['Must be 0', {}],
  ])('%s shows what there was of %o', async (panel, labels) => {
    const series = (await answer(queryOf(panel))).filter(({ metric }) =>
      Object.entries(labels).every(([name, value]) => metric[name] === value),
    );
    expect(Math.max(...valuesOf(series))).toBeGreaterThan(0);
  });
});

describe('/metrics', () => {
  it('of what is reached from outside is for a token that may read the whole fleet', async () => {
    const { ingest, enrich } = servers;
    expect((await fetch(`${ingest.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${enrich.url}/metrics`)).status).toBe(200);
  });

  it('is what promtool calls sound, but for names of the library', async () => {
    const text = await (await fetch(`${servers.laptop.url}/metrics`)).text();
    const ours = text.split('\n\n').filter((part) => /^# HELP fleet_/.test(part));
    expect(ours.length).toBeGreaterThan(25);
    checkMetrics(`${ours.join('\n')}\n`);
  });

  it('is scraped where the annotations of a pod say, once', async () => {
    const series = await prometheus.queryRange('up{job="fleet"}', Date.now(), Date.now());
    const ports = [servers.ingest, servers.enrich].map(({ url }) => new URL(url).port);
    expect(series.map(({ metric, values }) => [metric.pod, metric.instance, values[0]?.[1]]).sort()).toEqual(
      ports.map((port) => [`pod-${port}`, `127.0.0.1:${port}`, '1']).sort(),
    );
  });
});
