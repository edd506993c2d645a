import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { createToken } from '../../functions/lib/auth/tokens.ts';
import type { Alert, Guard, Store, StoredTrip } from '../../functions/lib/store/port.ts';
import { type InfluxOrg, startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { eventTypes, type Job } from '../../functions/lib/telemetry/events.ts';
import { systemClock } from '../../platform/host/clock.ts';
import { loadConfig } from '../../platform/host/config.ts';
import { createLog } from '../../platform/host/log.ts';
import { startLocal } from '../../platform/local/local.ts';
import { defaultBox } from '../../platform/simulator/device.ts';
import { batchBodies, reportedEvents } from '../../platform/simulator/report.ts';
import { type Simulation, simulateDrive } from '../../platform/simulator/simulate.ts';

/** The first is a part of the second, and as a regular expression matches the third, too. */
export const cars = ['van.1', 'van.10'] as const;
/** A vehicle whose samples nobody enriches, so that something waits. */
export const stuckCar = 'van-1';

export interface Loaded {
  org: InfluxOrg;
  /** What each of the cars reported, and what was true. */
  drives: Record<string, Simulation>;
  dispose(): Promise<void>;
}

/**
 * A real InfluxDB with what the simulator's cars drove in the last hours, taken the real way: `POST /ingest`, enrich,
 * trip-segment and downsample on STORE=influx. Beside it a dead letter, a receipt that waits, a batch that came
 * twice, and a trip and an alert that were retracted.
 */
export async function loadInflux(nowMs: number): Promise<Loaded> {
  const influxd = await startInfluxd();
  const folder = await mkdtemp(join(tmpdir(), 'fleet-grafana-'));
  const dispose = async () => {
    await influxd.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const org = await influxd.newOrg();
    const drives = Object.fromEntries(cars.map((car, index) => [car, driven(car, nowMs - (100 + index) * 60_000)]));
    await load(org, folder, drives, nowMs);
    return { org, drives, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const driven = (vehicle: string, startMs: number) =>
  simulateDrive({
    seed: 7,
    vehicle,
    startMs: Math.floor(startMs / 1_000) * 1_000,
    kind: 'country',
    durationS: 600,
    devices: [{ ...defaultBox, extras: ['odometerKm', 'fuelRateLph'] }],
    harshBrakes: 2,
    codes: [
      { code: 'P0133', fromS: 60, toS: 240 },
      { code: 'P0420', fromS: 120, toS: 1e6 },
    ],
  });

async function load(org: InfluxOrg, folder: string, drives: Loaded['drives'], nowMs: number): Promise<void> {
  const store = { STORE: 'influx', INFLUX_URL: org.url, INFLUX_ORG: org.org, INFLUX_TOKEN: org.tokens.query };
  const config = loadConfig({ FLEET_DATA: folder, PORT: '0', INTERNAL_PORT: '0', FLEET_DEMO: 'off', ...store });
  const local = await startLocal({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    config,
    clock: systemClock,
    log: createLog('error'),
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    const { token, record } = createToken({ scopes: ['ingest'], vehicles: [...cars], nowMs });
    await openTokenFile(config.tokensFile, systemClock).add(record);
    const events = Object.entries(drives).flatMap(([vehicle, { samples }]) =>
      reportedEvents({ vehicle, samples, idPrefix: vehicle }),
    );
    for (const body of batchBodies([...events, ...events.slice(0, 1)]))
      await post(`http://127.0.0.1:${local.port}/ingest`, token, body);
    const settle = async () => {
      await local.world.publisher.flush();
      await local.runtime.settled();
    };
    await settle();
    for (const job of ['sweep', 'downsample-1m', 'downsample-5m'] satisfies Job[]) {
      await local.runtime.publish(ping(job, nowMs));
      await settle();
    }
    await retract(local.world.store, drives, nowMs);
    const stuck = { vehicle: stuckCar, samples: [{ timeMs: nowMs - 60_000, device: 'main', speedKmh: 1 }] };
    await local.world.store.append([stuck], nowMs);
    const letter = { event: ping('sweep', nowMs), destination: 'http://enrich', code: 400, reason: 'no such vehicle' };
    await local.world.store.putDeadLetter(letter, nowMs - 60_000);
  } finally {
    await local.stop();
  }
}

/** What was derived once and is not any more: no dashboard may count it. */
async function retract(store: Store, drives: Loaded['drives'], nowMs: number): Promise<void> {
  const [vehicle] = Object.keys(drives) as [string];
  const [trip] = (await store.listTrips({ vehicle, limit: 1 })) as [StoredTrip];
  const gone: StoredTrip = {
    ...trip,
    id: `${vehicle}:gone`,
    startedAt: isoTime(nowMs - 20 * 60_000),
    status: 'retracted',
  };
  const range = { vehicle, origin: 'trips' as const, fromMs: nowMs - 20 * 60_000, toMs: nowMs - 10 * 60_000 };
  const alert: Alert = { vehicle, timeMs: range.fromMs, origin: 'trips', kind: 'harsh-braking', detail: '-9.9' };
  for (const alerts of [[alert], []]) {
    const guard: Guard = { vehicle, version: await store.readVersion(vehicle), of: 'trips' };
    const written = await store.writeTrips([gone], [], guard, { range, alerts });
    if (!written) throw new Error('somebody else wrote trips');
  }
}

const isoTime = (timeMs: number) => new Date(timeMs).toISOString();

async function post(url: string, token: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents-batch+json' };
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (answer.status !== 202) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}

const ping = (job: Job, nowMs: number) => ({
  specversion: '1.0' as const,
  id: `${job}-${nowMs}`,
  source: '/grafana/testing',
  type: eventTypes.ping,
  time: new Date(nowMs).toISOString(),
  datacontenttype: 'application/json',
  data: { job },
  fleetjob: job,
});
