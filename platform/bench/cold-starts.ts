import { type IncomingMessage, request } from 'node:http';
import { hostOf, podsOf } from '../e2e/cluster/services.ts';
import { eventually, sleep } from '../e2e/program.ts';

export interface ColdStartRound {
  number: number;
  ingestMs: number;
  yardstickMs: number;
  /** Which was asked first. */
  first: 'ingest' | 'yardstick';
}

export interface ColdStartOptions {
  /** Where the cluster lets traffic in, http://host:port. */
  gateway: string;
  rounds: number;
  /** NAMESPACE/SERVICE. */
  yardstick: string;
  /** May ingest for every vehicle. */
  token: string;
  onRound(round: ColdStartRound): void;
}

/** Windows, grace and drain of the slowest Service, and a tick in between, ms. */
const asleepWithinMs = 600_000;
/** What an event of ingest wakes has come to rest by then (its trip is there after 4 s: decisions/0014), ms. */
const restMs = 12_000;
const answerTimeoutMs = 60_000;

/** Each round begins without a pod of either; then one is asked, and the other; which is first takes turns. */
export async function measureColdStarts(options: ColdStartOptions): Promise<ColdStartRound[]> {
  const { rounds, yardstick, onRound } = options;
  const [namespace = '', service = ''] = yardstick.split('/');
  const hosts = { ingest: await hostOf('ingest'), yardstick: await hostOf(service, namespace) };
  const asked = {
    ingest: () => report(options, hosts.ingest),
    yardstick: () => statusOf(options.gateway, hosts.yardstick, { method: 'GET' }, '', 200),
  };
  const measured: ColdStartRound[] = [];
  for (let number = 1; number <= rounds; number++) {
    await noPods(namespace, service);
    const [first, second] = number % 2 === 1 ? (['ingest', 'yardstick'] as const) : (['yardstick', 'ingest'] as const);
    const took = { ingest: 0, yardstick: 0 };
    took[first] = await timed(asked[first]);
    await sleep(restMs);
    took[second] = await timed(asked[second]);
    await sleep(restMs);
    const round = { number, ingestMs: took.ingest, yardstickMs: took.yardstick, first };
    measured.push(round);
    onRound(round);
  }
  return measured;
}

/** Pods on their way out count: what they still do is not to be measured. */
async function noPods(namespace: string, service: string): Promise<void> {
  let left: string[] = [];
  const none = async () => {
    left = [...(await podsOf()), ...(await podsOf(namespace, service))].map((pod) => pod.service);
    return left.length === 0 || undefined;
  };
  const explain = () => `there are pods of ${left.join()}`;
  await eventually('no pods', none, { withinMs: asleepWithinMs, everyMs: 1_000, explain });
}

function report({ gateway, token }: ColdStartOptions, host: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ vehicle: 'bench-cold-start', time: new Date().toISOString(), speedKmh: 50 });
  return statusOf(gateway, host, { method: 'POST', path: '/ingest', headers }, body, 202);
}

async function timed(ask: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await ask();
  return performance.now() - startedAt;
}

interface Asked {
  method: string;
  path?: string;
  headers?: Record<string, string>;
}

/** Resolves when the whole answer is there. Rejects where its status is another. */
async function statusOf(gateway: string, host: string, { headers, ...asked }: Asked, body: string, status: number) {
  const sent = request(gateway, {
    ...asked,
    headers: { ...headers, host },
    agent: false,
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject).end(body);
  });
  const text = (await answer.toArray()).join('');
  if (answer.statusCode !== status) throw new Error(`${host} answered ${answer.statusCode}: ${text}`);
}
