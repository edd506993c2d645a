import { fileURLToPath } from 'node:url';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import type { Clock, Log } from '../../functions/lib/ports.ts';
import { dayMs } from '../../functions/lib/store/retention.ts';
import { systemClock } from '../host/clock.ts';
import { loadConfig } from '../host/config.ts';
import { ConfigError } from '../host/config-error.ts';
import { createClient } from '../simulator/client.ts';
import { createDemoToken } from '../simulator/demo-token.ts';
import { demoCars } from '../simulator/fleet.ts';
import { type LiveCar, simulateLive } from '../simulator/live.ts';
import { batchBodies, type ReportedEvent, reportedEvents } from '../simulator/report.ts';
import { startLocal } from './local.ts';
import { ManualClock } from './manual-clock.ts';

export interface BackfillOptions {
  days: number;
  env: NodeJS.ProcessEnv;
  log: Log;
  /** Called after each simulated day. */
  onDay(day: number, samples: number): void;
}

/** Simulated time goes on in steps of this; reports come at most so late, and the pings ring on the way, ms. */
const stepMs = 15 * 60_000;
/** Reports of the past come this seldom: a tenth of the data of a live car, and enough for every distance, ms. */
const intervalMs = 10_000;
/** The last hours come as a live car sends them, because the demo sends them again when it starts, ms. */
const liveMs = 3 * 3_600_000;

/**
 * Runs the demo cars through the last days in minutes: the real path from `POST /ingest` to rollups, expiry and sealing,
 * under a clock that is moved by hand (samples older than 5 days would be refused otherwise). The data folder must not be
 * in use. Throws ConfigError.
 *
 * @returns the number of samples sent
 */
export async function backfill({ days, env, log, onDay }: BackfillOptions): Promise<number> {
  const endMs = Math.floor(systemClock.now() / stepMs) * stepMs;
  const startMs = endMs - days * dayMs;
  const clock = new ManualClock(startMs);
  const config = loadConfig({ ...env, PORT: '0', INTERNAL_PORT: '0' });
  // A back-fill is one client in a hurry.
  config.ingestLimits.requestsPerMinute = Number.MAX_SAFE_INTEGER;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const local = await startLocal({ root, config, clock, log, onFatal: fail });
  try {
    const cars = demoCars();
    const sparse = cars.map((car) => ({
      ...car,
      devices: car.devices.map((device) => ({ ...device, intervalMs: Math.max(intervalMs, device.intervalMs) })),
    }));
    const token = await demoToken(
      config.tokensFile,
      cars.map(({ vehicle }) => vehicle),
      clock,
    );
    const url = `http://127.0.0.1:${local.port}`;
    const client = createClient({ url, token, fetch, clock: systemClock, random: Math.random, attempts: 5 });
    const settle = async () => {
      await local.world.publisher.flush();
      await local.runtime.settled();
    };
    let samples = 0;
    const [past, present] = [sparse, cars].map((list) => list.map((car) => simulateLive(car))) as [
      LiveCar[],
      LiveCar[],
    ];
    for (let fromMs = startMs; fromMs < endMs; fromMs += stepMs) {
      await clock.advance(stepMs, settle);
      for (const body of batchBodies(
        reports(fromMs < endMs - liveMs ? past : present, fromMs, fromMs + stepMs, (count) => (samples += count)),
      )) {
        const delivery = await client.send(body, new AbortController().signal);
        if (delivery.kind !== 'accepted')
          throw new ConfigError(`back-fill: the server did not take samples: ${JSON.stringify(delivery)}`);
      }
      await settle();
      if ((fromMs + stepMs - startMs) % dayMs === 0) onDay((fromMs + stepMs - startMs) / dayMs, samples);
    }
    return samples;
  } finally {
    await local.stop();
  }
}

function* reports(
  cars: readonly LiveCar[],
  fromMs: number,
  toMs: number,
  count: (samples: number) => void,
): Generator<ReportedEvent> {
  for (const car of cars) {
    const samples = [...car.deliveries(fromMs, toMs)];
    count(samples.length);
    yield* reportedEvents({ vehicle: car.vehicle, samples, idPrefix: `${car.vehicle}:${fromMs}` });
  }
}

/** The demo's token, so that the cars go on at the next start and `fleet demo clear` finds them. */
async function demoToken(tokensFile: string, vehicles: string[], clock: Clock): Promise<string> {
  const { token, record } = createDemoToken(vehicles, clock.now());
  await openTokenFile(tokensFile, systemClock).add(record);
  return token;
}

function fail(error: Error): never {
  throw error;
}
