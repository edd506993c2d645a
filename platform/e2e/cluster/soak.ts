import { parseArgs } from 'node:util';
import { z } from 'zod';
import { systemClock } from '../../host/clock.ts';
import { runDemo } from '../../simulator/demo.ts';
import { demoCars } from '../../simulator/fleet.ts';
import { type Server, samples, status, trips } from '../client.ts';
import { eventually, sleep } from '../program.ts';
import { watch } from './activity.ts';
import { openFront } from './front.ts';
import { balanceOf, createLedger, identityOf, type Ledger, sumOf } from './ledger.ts';
import { gatewaySetting, hostOf, podsOf } from './services.ts';
import { type SoakFigures, soakText, troublesOf } from './soak-report.ts';
import { lendTokens } from './tokens.ts';

/**
 * `npm run soak:cluster [-- --minutes 30] [--cars 20]`: demo cars report to the cluster that KUBECONFIG names, in real time,
 * each as a client of its own. When they have stopped, nothing acknowledged may be missing or there twice, nothing may be
 * left over, and every function must sleep between ticks. CLUSTER_INGRESS is where Traefik is reached. Ends with 1 where
 * something of that does not hold.
 */
const { minutes, cars: count } = z
  .object({ minutes: z.coerce.number().positive().default(30), cars: z.coerce.number().int().min(1).default(20) })
  .parse(parseArgs({ options: { minutes: { type: 'string' }, cars: { type: 'string' } } }).values);

/** Of eventing/ping-sources.yaml, ms. */
const tickMs = 300_000;
/** What is awake is asleep so long after the last request: window, retention and drain, and a busy machine; ms. */
const asleepAfterMs = 180_000;
const lookEveryMs = 3_000;
/** A tick, and the time its jobs take, ms. */
const settledWithinMs = tickMs + 120_000;

const run = Date.now().toString(36);
const cars = demoCars(count).map((car) => ({ ...car, vehicle: `soak-${run}-${car.vehicle}` }));
const vehicles = cars.map(({ vehicle }) => vehicle);
const { tokens, takeBack } = await lendTokens([
  { scopes: ['admin', 'read'], vehicles: ['*'] },
  // The limit of requests is per token.
  ...vehicles.map((vehicle) => ({ scopes: ['ingest' as const], vehicles: [vehicle] })),
]);
try {
  const figures = await soak(tokens);
  console.log(soakText(figures));
  const troubles = troublesOf(figures);
  for (const trouble of troubles) console.log(`NOT as it must be: ${trouble}`);
  process.exitCode = troubles.length === 0 ? 0 : 1;
} finally {
  await takeBack();
}
process.channel?.unref();

async function soak([reader = '', ...tokens]: readonly string[]): Promise<SoakFigures> {
  const gateway = gatewaySetting.parse(process.env.CLUSTER_INGRESS);
  const hosts = { ingest: await hostOf('ingest'), query: await hostOf('query') };
  const url = await openFront({ gateway, hosts, token: reader });
  const server: Server = { url, internalUrl: '', log: () => '' };
  const deadLettersBefore = (await status(server)).deadLetters;

  const ledger = createLedger(fetch);
  const pods = watch(podsOf, lookEveryMs);
  const startedMs = Date.now();
  await drive(url, tokens, ledger);
  const stoppedMs = Date.now();

  // Nobody asks anything meanwhile: that would wake query. The tick that is watched finds all asleep.
  const tickAtMs = Math.ceil((stoppedMs + asleepAfterMs) / tickMs) * tickMs;
  await sleep(tickAtMs + tickMs - Date.now());
  await pods.stop();

  const balances = [];
  const found = [];
  for (const vehicle of vehicles) {
    const stored = (await samples(server, vehicle)).map(({ time, device }) => identityOf(time, device));
    balances.push(balanceOf(ledger.acknowledged.get(vehicle) ?? new Set(), stored));
    found.push(...(await trips(server, vehicle)));
  }
  const { receipts, deadLetters } = await eventually(
    'what the ticks leave',
    async () => {
      const last = await status(server);
      const isDone = last.receipts.pending + last.receipts.rollup === 0;
      return isDone || Date.now() > tickAtMs + tickMs + settledWithinMs ? last : undefined;
    },
    { withinMs: 2 * settledWithinMs, everyMs: 10_000 },
  );
  return {
    ...{ cars: count, minutes, startedMs, stoppedMs, tickAtMs, nextTickAtMs: tickAtMs + tickMs, looks: pods.looks },
    statuses: ledger.statuses,
    latenciesMs: ledger.latenciesMs,
    balance: sumOf(balances),
    trips: { all: found.length, ended: found.filter((trip) => trip.status === 'ended').length },
    receipts,
    newDeadLetters: deadLetters - deadLettersBefore,
  };
}

/** Resolves when the cars have driven for as long as they were asked to. */
async function drive(url: string, tokens: readonly string[], ledger: Ledger): Promise<void> {
  const log = { debug: say, info: () => {}, warn: say, error: say };
  const signal = new AbortController().signal;
  const demos = cars.map((car, i) => {
    const token = tokens[i] ?? '';
    const { fetch } = ledger;
    return runDemo({
      url,
      token,
      cars: [car],
      clock: systemClock,
      log,
      historyMs: 0,
      signal,
      fetch,
      random: Math.random,
    });
  });
  await sleep(minutes * 60_000);
  await Promise.all(demos.map((demo) => demo.stop()));
}

function say(fields: object, message: string): void {
  console.log(new Date().toISOString(), message, JSON.stringify(fields));
}
