import { z } from 'zod';
import type { Server } from '../client.ts';
import { kubectl } from '../kubectl.ts';
import { eventually } from '../program.ts';
import { openFront } from './front.ts';

/**
 * The settings of a run, beside KUBECONFIG:
 * - `CLUSTER_INGRESS`: where Traefik is reached; names are sent as Host;
 * - `BROKER_INGRESS`: the broker ingress as this machine reaches it, as in conformance/cluster-target.ts.
 */
const settings = z.object({
  CLUSTER_INGRESS: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
  BROKER_INGRESS: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, '')),
  /** Of setup.ts. */
  CLUSTER_TOKEN: z.string(),
});

/** How long a cold start may take, or a pod until it is made again, ms: also on a machine of two busy cores. */
export const patienceMs = 240_000;

export interface Fleet extends Server {
  token: string;
}

/** The fleet on the cluster that KUBECONFIG names. Throws where it is not reached. */
export async function openFleet(): Promise<Fleet> {
  const given = settings.safeParse(process.env);
  if (!given.success) throw new Error(`TARGET=cluster needs settings:\n${z.prettifyError(given.error)}`);
  const { CLUSTER_INGRESS: gateway, BROKER_INGRESS: internalUrl, CLUSTER_TOKEN: token } = given.data;
  const hosts = { ingest: await hostOf('ingest'), query: await hostOf('query') };
  return { url: await openFront({ gateway, hosts, token }), internalUrl, token, log: () => '' };
}

async function hostOf(service: string): Promise<string> {
  return new URL(await kubectl(['-n', 'fleet', 'get', `ksvc/${service}`, '-o', 'jsonpath={.status.url}'])).host;
}

/** The functions that have pods which are not on their way out. */
export async function awake(): Promise<string[]> {
  const pods = ['-n', 'fleet', 'get', 'pods', '-l', 'serving.knative.dev/service', '-o', 'json'];
  const { items } = JSON.parse(await kubectl(pods)) as { items: Pod[] };
  const here = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return here.map(({ metadata }) => metadata.labels['serving.knative.dev/service'] ?? '');
}

interface Pod {
  metadata: { labels: Record<string, string>; deletionTimestamp?: string };
}

/** Waits until every function is asleep. */
export async function asleep(): Promise<void> {
  let names: string[] = [];
  const nobody = async () => {
    names = await awake();
    return names.length === 0 || undefined;
  };
  await eventually('functions are asleep', nobody, {
    withinMs: patienceMs,
    everyMs: 1_000,
    explain: () => names.join(),
  });
}
