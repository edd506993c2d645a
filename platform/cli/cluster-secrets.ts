import { CliError } from './exit.ts';
import type { World } from './world.ts';

/** What a pod is given to talk to its cluster (Kubernetes, "Accessing the API from a Pod"). */
const accountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const answerMs = 15_000;

export interface ClusterSecret {
  metadata: { name: string; namespace: string };
}

/**
 * Writes Secrets into the cluster that this pod runs in, as its service account may: by server-side apply, so that what is
 * there already is changed and not doubled. Node must trust the cluster (NODE_EXTRA_CA_CERTS). Throws CliError.
 */
export async function applySecrets(world: World, secrets: readonly ClusterSecret[]): Promise<void> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = world.env;
  if (!host) throw new CliError('config', '--kubernetes: this is no pod (KUBERNETES_SERVICE_HOST is not set)');
  const token = await world.read(accountToken).catch((cause: Error) => {
    throw new CliError('config', `--kubernetes: ${cause.message}`, { cause });
  });
  for (const secret of secrets) {
    const { name, namespace } = secret.metadata;
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=fleet-provision&force=true`;
    const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
    const answer = await world
      .fetch(url, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/apply-patch+yaml' },
        // JSON is YAML, too.
        body: JSON.stringify(secret),
        signal: AbortSignal.timeout(answerMs),
      })
      .catch((cause: Error) => {
        const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
        throw new CliError('unavailable', `the API server at ${host}:${port} does not answer: ${reason}`, { cause });
      });
    if (!answer.ok) {
      // What it answers to a refusal names the account and the verb, and none of the data.
      const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
      throw new CliError('auth', `Secret ${namespace}/${name}: ${answer.status} ${message ?? ''}`.trim());
    }
    await answer.body?.cancel();
    world.err(`Secret ${namespace}/${name}\n`);
  }
}
