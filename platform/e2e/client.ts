import type { Rollup, RollupTier } from '../../functions/lib/rollups/rollup.ts';
import { type CloudEvent, eventTypes, type Job } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import type { DerivedTrip, Trip } from '../../functions/lib/trips/trip.ts';
import type { StatusAnswer } from '../../functions/query/answers.ts';
import { batchMediaType } from './events.ts';
import { sleep } from './program.ts';
import type { Server as Program } from './server.ts';

/** Where a fleet is reached, be it a process of this machine or a cluster. */
export type Server = Pick<Program, 'url' | 'internalUrl' | 'log'>;

/** Everything that samples of the last days can be in: lists answer the last day unless told otherwise. */
const longAgo = () => new Date(Date.now() - 7 * 86_400_000).toISOString();
/** A retrying client waits this long, ms: the server is only a moment away. */
const retryMs = 20;
const answerTimeoutMs = 10_000;
/** A server that is started again is back long before, ms. */
const deliverMs = 20_000;

/** One try of a batch. */
export function post(
  server: Server,
  token: string,
  events: readonly CloudEvent[],
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': batchMediaType, ...headers },
    body: JSON.stringify(events),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
}

/** Sends a batch until it is acknowledged, as an edge client does. Throws for a refusal that is for good, and in the end. */
export async function deliver(server: Server, token: string, events: readonly CloudEvent[]): Promise<void> {
  const giveUpMs = Date.now() + deliverMs;
  while (Date.now() < giveUpMs) {
    try {
      const answer = await post(server, token, events);
      const text = await answer.text();
      if (answer.status === 202) return;
      if (answer.status < 500) throw new Refused(`answered ${answer.status}: ${text}`);
    } catch (error) {
      // Whoever got no answer cannot know: it is sent again.
      if (error instanceof Refused) throw error;
    }
    await sleep(retryMs);
  }
  throw new Error(`no batch was acknowledged for ${deliverMs} ms: ${server.log()}`);
}

class Refused extends Error {}

/** Posts an event to the broker's ingress, as it is, in structured mode. */
export async function publish(server: Server, event: CloudEvent): Promise<void> {
  const answer = await fetch(`${server.internalUrl}/fleet/default`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  });
  if (answer.status !== 202) throw new Error(`the broker answered ${answer.status}: ${await answer.text()}`);
}

let pings = 0;

/** What a PingSource sends when its time has come. */
export function ping(server: Server, job: Job, extensions: Record<string, string> = {}): Promise<void> {
  return publish(server, {
    specversion: '1.0',
    id: `${job}-${++pings}`,
    source: '/e2e/pings',
    type: eventTypes.ping,
    datacontenttype: 'application/json',
    data: { job },
    fleetjob: job,
    ...extensions,
  });
}

export async function get<T>(server: Server, path: string, token?: string): Promise<T> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}${path}`, { headers });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

export const status = (server: Server) => get<StatusAnswer>(server, '/api/status');

/** A sample as the read API answers it. */
export type AnsweredSample = ReportedSample & { device: string; ignitionOn?: boolean };

export function samples(server: Server, vehicle: string): Promise<AnsweredSample[]> {
  return allPages(server, `/api/vehicles/${vehicle}/samples?from=${longAgo()}&limit=1000`, 'samples');
}

export function rollups(server: Server, vehicle: string, tier: RollupTier): Promise<Rollup[]> {
  return allPages(server, `/api/rollups?tier=${tier}&vehicle=${vehicle}&from=${longAgo()}&limit=500`, 'rollups');
}

/** The trips of a vehicle, earliest first, without their revisions, which tell how often they were derived. */
export async function trips(server: Server, vehicle: string): Promise<DerivedTrip[]> {
  const found = await allPages<Trip>(server, `/api/trips?vehicle=${vehicle}&limit=10`, 'trips');
  return found.map(({ revision: _, ...trip }) => trip).reverse();
}

async function allPages<T>(server: Server, path: string, name: string): Promise<T[]> {
  const rows: T[] = [];
  let next: string | null = '';
  while (next !== null) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page: Record<string, unknown> = await get(server, path + cursor);
    rows.push(...(page[name] as T[]));
    next = page.next as string | null;
  }
  return rows;
}
