import { z } from 'zod';
import type { Server } from '../client.ts';
import { eventually } from '../program.ts';
import { openFront } from './front.ts';
import { gatewaySetting, hostOf, podsOf } from './services.ts';

/**
 * The settings of a run, beside KUBECONFIG:
 * - `CLUSTER_INGRESS`: where Traefik is reached; names are sent as Host;
 * - `BROKER_INGRESS`: the broker ingress as this machine reaches it, as in conformance/cluster-target.ts.
 */
const settings = z.object({
  CLUSTER_INGRESS: gatewaySetting,
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

/** The functions that have pods which are not on their way out. */
export async function awake(): Promise<string[]> {
  return (await podsOf()).filter(({ ending }) => !ending).map(({ service }) => service);
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
