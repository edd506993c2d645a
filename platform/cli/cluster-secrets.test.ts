import { expect, test } from 'vitest';
import { applySecrets } from './cluster-secrets.ts';
import { CliError } from './exit.ts';
import type { World } from './world.ts';

const secret = (name: string, namespace: string) => ({
  metadata: { name, namespace },
  stringData: { token: 'hidden' },
});

/** A pod whose API server answers like this. */
function pod(answer: () => Response, env: Record<string, string> = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }) {
  const requests: { url: string; init: RequestInit }[] = [];
  const said: string[] = [];
  const world = {
    env,
    err: (text: string) => void said.push(text),
    read: async (path: string) =>
      path.endsWith('/serviceaccount/token') ? 'account-token\n' : Promise.reject(new Error(path)),
    fetch: async (url: string, init: RequestInit) => {
      requests.push({ url, init });
      return answer();
    },
  } as unknown as World;
  return { world, requests, said };
}

test('each Secret is applied where it belongs, as the service account of the pod', async () => {
  const { world, requests, said } = pod(() => new Response('{}'));
  await applySecrets(world, [secret('fleet-influx-ingest', 'fleet'), secret('fleet-influx-grafana', 'observability')]);
  expect(requests.map(({ url }) => url)).toEqual([
    'https://10.0.0.1:443/api/v1/namespaces/fleet/secrets/fleet-influx-ingest?fieldManager=fleet-provision&force=true',
    'https://10.0.0.1:443/api/v1/namespaces/observability/secrets/fleet-influx-grafana?fieldManager=fleet-provision&force=true',
  ]);
  expect(requests[0]?.init).toMatchObject({
    method: 'PATCH',
    headers: { authorization: 'Bearer account-token', 'content-type': 'application/apply-patch+yaml' },
  });
  expect(JSON.parse(requests[0]?.init.body as string)).toEqual(secret('fleet-influx-ingest', 'fleet'));
  expect(said.join('')).toBe('Secret fleet/fleet-influx-ingest\nSecret observability/fleet-influx-grafana\n');
});

test('a refusal, a server that is away and a machine that is no pod are said in one line without the data', async () => {
  const refusal = new Response('{"message":"secrets is forbidden"}', { status: 403 });
  const failures = [
    [pod(() => refusal).world, 'Secret fleet/a: 403 secrets is forbidden'],
    [
      pod(() => {
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
      }).world,
      'the API server at 10.0.0.1:443 does not answer: connect ECONNREFUSED',
    ],
    [pod(() => refusal, {}).world, '--kubernetes: this is no pod (KUBERNETES_SERVICE_HOST is not set)'],
  ] as const;
  for (const [world, message] of failures) {
    const failed = applySecrets(world, [secret('a', 'fleet')]);
    await expect(failed).rejects.toThrow(CliError);
    await expect(failed).rejects.toMatchObject({ message });
  }
});
