import { expect, onTestFinished } from 'vitest';
import { eventTypes, type Job } from '../../../functions/lib/telemetry/events.ts';
import type { Random } from '../../simulator/random.ts';
import { publish } from '../client.ts';
import { Server, type StartOptions } from '../server.ts';
import { Ledger } from './ledger.ts';
import { seeded } from './seed.ts';
import { sendAll } from './sender.ts';
import { type Request, Traffic } from './traffic.ts';

/** A server, cars that report to it, and the list of what it acknowledged. */
export interface Fleet {
  server: Server;
  token: string;
  ledger: Ledger;
  traffic: Traffic;
  random: Random;
  /** Sends all of it, whatever it takes: busy answers and broken connections are tried again. */
  deliver(requests: Request[]): Promise<void>;
}

export interface FleetOptions extends StartOptions {
  /** Where the data folder is made. */
  parent?: string;
}

/** Time that passes for the cars in all stretches of a test, at half an hour each. */
const stretches = 100;
const startAgoMs = 4.5 * 86_400_000;

/** A fleet for the length of the test that calls this; the seed of what its cars do is printed under the name. */
export async function startFleet(name: string, { parent, ...options }: FleetOptions = {}): Promise<Fleet> {
  const random = seeded(name);
  const server = await Server.prepare(parent);
  onTestFinished(() => server.dispose());
  await server.start(options);
  const token = await server.token(['*']);
  const ledger = new Ledger();
  return {
    server,
    token,
    ledger,
    random,
    traffic: new Traffic(random, Date.now() - startAgoMs, stretches),
    async deliver(requests) {
      const queue = [...requests];
      while (queue.length > 0) {
        const { unanswered } = await sendAll({ server, token, ledger, queue, stopped: () => false });
        queue.push(...unanswered);
      }
    },
  };
}

let sweeps = 0;

/** What waiting for five minutes comes to: a sweep that takes up everything that is not done. */
export function sweepNow(server: Server): Promise<void> {
  const job: Job = 'sweep';
  return publish(server, {
    specversion: '1.0',
    id: `sweep-now-${++sweeps}`,
    source: '/e2e/faults',
    type: eventTypes.ping,
    datacontenttype: 'application/json',
    data: { job, stuckBeforeMs: Number.MAX_SAFE_INTEGER },
    fleetjob: job,
  });
}

/** Reading works, and within a second, whatever writing does. */
export async function expectReadable({ server, traffic }: Fleet): Promise<void> {
  const [vehicle] = traffic.vehicles;
  for (const path of ['/api/vehicles', `/api/vehicles/${vehicle}/samples?limit=10`, '/api/trips', '/health/liveness']) {
    const answer = await fetch(server.url + path, { signal: AbortSignal.timeout(1_000) });
    await answer.arrayBuffer();
    expect(answer.status, path).toBe(200);
  }
}

/**
 * Writing does not work, which the readiness probe says, too. Answers how long it took to say so, ms. What was refused
 * while it was in a commit that hangs may be stored all the same (decisions/0012).
 */
export async function expectUnavailable({ server, token, ledger, traffic }: Fleet, withinMs: number): Promise<number> {
  const [vehicle] = traffic.vehicles as [string];
  const probe = { time: new Date().toISOString(), speedKmh: 1, device: 'probe' };
  ledger.send(vehicle, [probe]);
  const startedAt = performance.now();
  const answers = await Promise.all([
    fetch(`${server.url}/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ vehicle, ...probe }),
    }),
    fetch(`${server.url}/health/readiness`),
  ]);
  for (const answer of answers) await answer.arrayBuffer();
  const tookMs = Math.round(performance.now() - startedAt);
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(Number(answers[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(withinMs);
  return tookMs;
}
