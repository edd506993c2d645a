import { flux } from '@influxdata/influxdb-client';
import { type Client, createClient } from '../../functions/lib/store/influx/client.ts';
import { fieldOf } from '../../functions/lib/store/influx/flux.ts';
import { endMs } from '../../functions/lib/store/influx/instants.ts';
import { presentField } from '../../functions/lib/store/influx/sample-lines.ts';
import type { Influxd, InfluxOrg } from '../../functions/lib/store/testing/influxd.ts';
import { createBenchFolder } from './data-folder.ts';
import type { Load } from './load.ts';
import { startMeasured } from './measured-process.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface IngestComparison {
  rounds: number;
  eventsPerRequest: number;
  ours: Spread;
  bare: Spread;
  /** Samples a second, ours to bare, of neighbouring rounds. */
  ratio: Spread;
  acked: number;
  stored: number;
}

const eventsPerRequest = 100;
const connections = 16;
/** Lines of a request of the bare writer: what InfluxDB recommends. */
const bareLines = 5_000;
const vehicles = 50;
/** Samples begin so long ago, at second steps. */
const beginsAgoMs = 4 * 86_400_000;
const warmUpRequests = 300;

/** `POST /ingest` with InfluxDB as the store, and whoever writes ready lines to it, in turns: ABAB… */
export async function compareWithBareWriter(
  load: Load,
  influxd: Influxd,
  { rounds, roundMs }: { rounds: number; roundMs: number },
): Promise<IngestComparison> {
  const folder = await createBenchFolder();
  const [org, bareOrg] = [await influxd.newOrg(), await influxd.newOrg()];
  const server = await startMeasured('../host/main.ts', {
    ...folder.env,
    FLEET_TOKENS: `${folder.env.FLEET_DATA}/tokens.json`,
    FUNCTION: 'ingest',
    FLEET_BROKER: 'off',
    STORE: 'influx',
    INFLUX_URL: org.url,
    INFLUX_ORG: org.org,
    INFLUX_TOKEN: org.tokens.ingest as string,
  });
  const fromMs = Math.floor((Date.now() - beginsAgoMs) / 1_000) * 1_000;
  const client = createClient(bareOrg);
  const bare = createBareWriter(client, fromMs);
  let first = 0;
  const ours = async (extent: { forMs?: number; requests?: number }) => {
    const order = { vehicles, eventsPerRequest, fromMs, port: server.port, token: folder.token, connections };
    const { acked, elapsedMs } = await load.run({ ...order, first, ...extent });
    first += acked;
    return (acked * eventsPerRequest * 1_000) / elapsedMs;
  };
  try {
    await ours({ requests: warmUpRequests });
    await bare(roundMs / 2);
    const turns: { ours: number; bare: number }[] = [];
    for (let i = 0; i < rounds; i++) turns.push({ ours: await ours({ forMs: roundMs }), bare: await bare(roundMs) });
    await server.stop();
    return {
      rounds,
      eventsPerRequest,
      ours: spreadOf(turns.map((turn) => turn.ours)),
      bare: spreadOf(turns.map((turn) => turn.bare)),
      ratio: spreadOf(turns.map((turn) => turn.ours / turn.bare)),
      acked: first * eventsPerRequest,
      stored: await storedIn(org, fromMs),
    };
  } finally {
    server.kill();
    client.close();
    folder.remove();
  }
}

/** Writes the samples of requests.ts as plain lines, nothing else; answers samples a second. */
function createBareWriter(client: Client, fromMs: number): (forMs: number) => Promise<number> {
  let second = 0;
  return async (forMs) => {
    const startedAt = performance.now();
    let written = 0;
    while (performance.now() - startedAt < forMs) {
      const lines: string[] = [];
      for (; lines.length < bareLines; second++) {
        for (let vehicle = 0; vehicle < vehicles; vehicle++) lines.push(bareLine(vehicle, second, fromMs));
      }
      await client.write('telemetry_raw', lines);
      written += lines.length;
    }
    return (written * 1_000) / (performance.now() - startedAt);
  };
}

/** The ten fields of requests.ts. */
function bareLine(vehicle: number, second: number, fromMs: number): string {
  const speedKmh = 50 + (second % 30);
  return `sample,vehicle=car-${vehicle},device=main speedKmh=${speedKmh}.5,latitude=${(48.1 + (second % 90_000) * 1.25e-4).toFixed(6)},longitude=11.${575_000 + (vehicle % 1_000)},headingDeg=${second % 360},altitudeM=519.25,engineRpm=${1_500 + speedKmh * 10}.75,engineLoadPct=34.5,coolantC=88,throttlePct=18.4,fuelLevelPct=61.2 ${fromMs + second * 1_000}000000`;
}

async function storedIn(org: InfluxOrg, fromMs: number): Promise<number> {
  const client = createClient({ ...org, token: org.tokens.query as string });
  const place = { bucket: 'telemetry_raw', measurement: 'sample', fromMs, toMs: endMs } as const;
  const counts = await client.query(flux`${fieldOf(place, presentField)} |> count()`, (names) => {
    const at = names.indexOf('_value');
    return (row) => Number(row[at]);
  });
  client.close();
  return counts.reduce((sum, count) => sum + count, 0);
}
