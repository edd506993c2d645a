import type { ReportedSample } from '../../../functions/lib/telemetry/sample.ts';
import { batchMediaType, eventOf } from '../events.ts';
import { sleep } from '../program.ts';
import type { Server } from '../server.ts';
import type { Ledger } from './ledger.ts';
import type { Request } from './traffic.ts';

export interface SendOptions {
  server: Server;
  token: string;
  ledger: Ledger;
  /** Taken from the front; what is to be sent again comes back to the end. */
  queue: Request[];
  /** Ends the sending: requests under way are waited for. */
  stopped(): boolean;
  connections?: number;
}

const answerTimeoutMs = 30_000;
/** A client asks again after this when the server is busy, ms; the server says a second, and tests have less time. */
const busyMs = 50;

/**
 * Sends until the queue is empty or the server is gone, as edge clients do. What got no answer is put into `unanswered`:
 * nobody knows whether it is stored.
 */
export async function sendAll(options: SendOptions): Promise<{ unanswered: Request[] }> {
  const { queue, stopped, connections = 8 } = options;
  const unanswered: Request[] = [];
  const work = async () => {
    while (!stopped()) {
      const request = queue.shift();
      if (!request) return;
      const outcome = await sendOne(request, options);
      if (outcome === 'busy') queue.push(request);
      if (outcome === 'busy') await sleep(busyMs);
      if (outcome === 'unanswered') unanswered.push(request);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { unanswered };
}

type Outcome = 'acknowledged' | 'refused' | 'busy' | 'unanswered';

/** Throws when an answer is not one that this request may get. */
async function sendOne(request: Request, { server, token, ledger }: SendOptions): Promise<Outcome> {
  const { vehicle, samples, bad } = request;
  if (!bad) ledger.send(vehicle, samples);
  ledger.counts.requests++;
  let answer: Response;
  try {
    answer = await postRequest(server, token, request);
  } catch {
    ledger.counts.unanswered++;
    return 'unanswered';
  }
  const { status } = answer;
  if (status === 503 || status === 429) {
    if (answer.headers.get('retry-after') === null) throw new Error(`${status} without Retry-After`);
    ledger.counts.busy++;
    return 'busy';
  }
  if (status !== (bad ? 422 : 202)) throw new Error(`a ${bad ? 'bad' : 'good'} request was answered ${status}`);
  if (bad) ledger.counts.refused++;
  else ledger.acknowledge(vehicle, samples);
  if (!bad) ledger.counts.acknowledged++;
  return bad ? 'refused' : 'acknowledged';
}

/** One try; rejects when there was no whole answer. */
export async function postRequest(server: Server, token: string, { vehicle, samples, form }: Request) {
  const single = form === 'single' || form === 'list';
  const answer = await fetch(`${server.url}/ingest`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': single ? 'application/cloudevents+json' : batchMediaType,
    },
    body: JSON.stringify(bodyOf(vehicle, samples, form)),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  await answer.arrayBuffer();
  return answer;
}

function bodyOf(vehicle: string, samples: readonly ReportedSample[], form: Request['form']): unknown {
  if (form === 'single') return eventOf(vehicle, samples[0] as ReportedSample);
  if (form === 'list') return eventOf(vehicle, { samples });
  return samples.map((sample) => eventOf(vehicle, sample));
}
