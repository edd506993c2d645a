import startFlags from '../host/start-flags.json' with { type: 'json' };
import { type BenchFolder, createBenchFolder } from './data-folder.ts';
import type { Load } from './load.ts';
import type { LoadOrder, LoadResult } from './load-order.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import type { Series } from './requests.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface Comparison {
  eventsPerRequest: number;
  connections: number;
  rounds: number;
  ours: ServerFigures;
  bare: ServerFigures;
  /** The bare server with as many requests a second as ours had: a server with little to do works less cheaply. */
  bareAtOurRate: ServerFigures;
  /** Samples per CPU second, ours to bare, of neighbouring rounds. */
  ratio: Spread;
  ratioAtOurRate: Spread;
  /** What was answered 202, and what is in the store's file afterwards; warm-up included. */
  acked: number;
  stored: number;
}

export interface ServerFigures {
  samplesPerS: Spread;
  /** User and system time of the server, all its threads. */
  cpuUsPerSample: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
}

export interface ComparisonPlan {
  eventsPerRequest: number;
  connections: number;
  rounds: number;
  roundMs: number;
}

/** Vehicles that the samples are spread over. */
const vehicles = 50;
/** Samples begin so long ago, at second steps: room for 17 M of them within the 5 days that ingest accepts. */
const beginsAgoMs = 4 * 86_400_000;

/**
 * The ingest function with no broker, beside the bare server under the same load, in turns: ABAB… The bare server's
 * turn has two halves: as fast as it answers, and at our rate.
 */
export async function compare(load: Load, plan: ComparisonPlan): Promise<Comparison> {
  const { roundMs: forMs } = plan;
  const folder = await createBenchFolder();
  const ours = await startMeasured('../host/main.ts', { ...folder.env, FUNCTION: 'ingest', FLEET_BROKER: 'off' });
  const bare = await startMeasured('./bare-server.ts', {}, startFlags.function);
  const rounds: { ours: Round; bare: Round; bareAtOurRate: Round }[] = [];
  try {
    const sides = { ours: createSide(load, ours, folder, plan), bare: createSide(load, bare, folder, plan) };
    for (const side of [sides.ours, sides.bare]) await side.round({ requests: warmUpRequests(plan) });
    for (let i = 0; i < plan.rounds; i++) {
      const [ours, bare] = [await sides.ours.round({ forMs }), await sides.bare.round({ forMs })];
      const requestsPerS = ours.samplesPerS / plan.eventsPerRequest;
      rounds.push({ ours, bare, bareAtOurRate: await sides.bare.round({ forMs, requestsPerS }) });
    }
    await Promise.all([ours.stop(), bare.stop()]);
    return {
      eventsPerRequest: plan.eventsPerRequest,
      connections: plan.connections,
      rounds: plan.rounds,
      ours: figuresOf(rounds.map((turn) => turn.ours)),
      bare: figuresOf(rounds.map((turn) => turn.bare)),
      bareAtOurRate: figuresOf(rounds.map((turn) => turn.bareAtOurRate)),
      ratio: spreadOf(rounds.map(({ ours, bare }) => bare.cpuUsPerSample / ours.cpuUsPerSample)),
      ratioAtOurRate: spreadOf(
        rounds.map(({ ours, bareAtOurRate }) => bareAtOurRate.cpuUsPerSample / ours.cpuUsPerSample),
      ),
      acked: sides.ours.acked(),
      stored: folder.countSamples(),
    };
  } finally {
    ours.kill();
    bare.kill();
    folder.remove();
  }
}

/**
 * Until the hot functions are compiled and the file has its first pages, in proportion to the length of a round: V8 is at it
 * for some 60,000 requests, and with fewer the first rounds show its threads instead of the server's.
 */
function warmUpRequests({ eventsPerRequest, roundMs }: ComparisonPlan): number {
  return Math.ceil((eventsPerRequest === 1 ? 24 : 2.4) * roundMs);
}

interface Round {
  samplesPerS: number;
  cpuUsPerSample: number;
  p50Ms: number;
  p99Ms: number;
}

function createSide(load: Load, server: MeasuredProcess, { token }: BenchFolder, plan: ComparisonPlan) {
  const { eventsPerRequest, connections } = plan;
  const fromMs = Math.floor((Date.now() - beginsAgoMs) / 1_000) * 1_000;
  const series: Series = { vehicles, eventsPerRequest, fromMs };
  let first = 0;
  return {
    async round(extent: Pick<LoadOrder, 'forMs' | 'requests' | 'requestsPerS'>): Promise<Round> {
      const before = await server.usage();
      const result = await load.run({ ...series, port: server.port, token, connections, first, ...extent });
      const after = await server.usage();
      first += result.acked;
      return roundOf(result, after.cpuUs - before.cpuUs, eventsPerRequest);
    },
    /** Samples answered 202 so far. */
    acked: () => first * eventsPerRequest,
  };
}

function roundOf({ acked, elapsedMs, p50Ms, p99Ms }: LoadResult, cpuUs: number, eventsPerRequest: number): Round {
  const samples = acked * eventsPerRequest;
  return { samplesPerS: (samples * 1_000) / elapsedMs, cpuUsPerSample: cpuUs / samples, p50Ms, p99Ms };
}

function figuresOf(rounds: readonly Round[]): ServerFigures {
  const spread = (name: keyof Round) => spreadOf(rounds.map((round) => round[name]));
  return {
    samplesPerS: spread('samplesPerS'),
    cpuUsPerSample: spread('cpuUsPerSample'),
    p50Ms: spread('p50Ms'),
    p99Ms: spread('p99Ms'),
  };
}
