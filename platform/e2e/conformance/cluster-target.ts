import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { kubectl } from '../kubectl.ts';
import { sleep } from '../program.ts';
import type { Resource } from './resources.ts';
import { namespace, type Target } from './target.ts';

/**
 * The settings of a run on a cluster, beside KUBECONFIG, which kubectl reads:
 * - `BROKER_INGRESS`: the broker ingress as this machine reaches it, without namespace and broker
 *   (`kubectl -n knative-eventing port-forward svc/broker-ingress 8082:80`, then `http://localhost:8082`);
 * - `SUBSCRIBER_HOST`: this machine's address as pods reach it; the subscribers of the tests listen on free ports there;
 * - `QUIET_MS`: how long nothing must come until nothing is expected to.
 */
const settings = z.object({
  BROKER_INGRESS: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, '')),
  SUBSCRIBER_HOST: z.string().min(1),
  QUIET_MS: z.coerce.number().int().min(0).default(5_000),
});

const readyWithinS = 150;
/** Ready says that the control plane is done; the data plane reads the same resources a moment later. */
const propagationMs = 2_000;

export async function openClusterTarget(): Promise<Target> {
  const given = settings.safeParse(process.env);
  if (!given.success) throw new Error(`TARGET=cluster needs settings:\n${z.prettifyError(given.error)}`);
  const { BROKER_INGRESS, SUBSCRIBER_HOST, QUIET_MS } = given.data;
  // On the server's side, because files of the suite do this at once: else apply looks first, and creates what is there by then.
  await kubectl(
    ['apply', '--server-side', '-f', '-'],
    stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  );
  return {
    name: 'cluster',
    subscriberHost: SUBSCRIBER_HOST,
    ingressUrl: () => BROKER_INGRESS,
    async apply(resources, awaitReady = true) {
      onTestFinished(async () => {
        const names = resources.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
        await kubectl(['-n', namespace, 'delete', '--ignore-not-found', '--wait=false', ...names]);
      });
      await kubectl(['apply', '-f', '-'], resources.map((resource) => stringify(resource)).join('---\n'));
      if (!awaitReady) return;
      for (const { kind, metadata } of resources) {
        const wait = ['wait', '--for=condition=Ready', `--timeout=${readyWithinS}s`];
        await kubectl(['-n', namespace, ...wait, `${kind.toLowerCase()}/${metadata.name}`]);
      }
      await sleep(propagationMs);
    },
    quiet: () => sleep(QUIET_MS),
    async ready(kind: Resource['kind'], name) {
      const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
      return (await kubectl(['-n', namespace, 'get', `${kind.toLowerCase()}/${name}`, '-o', path])).trim() || 'Unknown';
    },
  };
}
