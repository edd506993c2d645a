import { expect, onTestFinished, test } from 'vitest';
import { kubectl } from '../kubectl.ts';
import { eventually } from '../program.ts';
import { patienceMs } from './fleet.ts';

interface Service {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  spec: {
    template: { metadata?: { name?: string }; spec: { volumes: { name: string; secret?: { secretName: string } }[] } };
  };
}

/** ingest under another name, with another Secret for its store. */
async function aCopy(name: string, secretName: string): Promise<void> {
  onTestFinished(async () => {
    await kubectl(['-n', 'fleet', 'delete', 'ksvc', name, '--ignore-not-found', '--wait=false']);
  });
  const { spec } = JSON.parse(await kubectl(['-n', 'fleet', 'get', 'ksvc', 'ingest', '-o', 'json'])) as Service;
  const volume = spec.template.spec.volumes.find(({ secret }) => secret?.secretName === 'fleet-influx-ingest');
  if (!volume?.secret) throw new Error('ingest mounts no Secret of the store');
  volume.secret.secretName = secretName;
  const labels = { 'networking.knative.dev/visibility': 'cluster-local' };
  const template = {
    metadata: { annotations: { 'autoscaling.knative.dev/min-scale': '1' } },
    spec: spec.template.spec,
  };
  const copy = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, namespace: 'fleet', labels },
    spec: { template },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(copy));
}

const ready = async (name: string) =>
  JSON.parse(
    (await kubectl(['-n', 'fleet', 'get', 'ksvc', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")]}'])) ||
      '{}',
  ) as {
    status?: string;
    message?: string;
  };

test('a wrong token of the store is said in one line, and the function is not Ready', {
  timeout: patienceMs,
}, async () => {
  const name = 'e2e-wrong-token';
  onTestFinished(async () => {
    await kubectl(['-n', 'fleet', 'delete', 'secret', name, '--ignore-not-found']);
  });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'fleet' },
    stringData: { token: 'wrong' },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(secret));
  await aCopy(name, name);
  const said = await eventually(
    'its last words',
    async () => {
      const selector = ['-l', `serving.knative.dev/service=${name}`, '-c', 'user-container'];
      const lines = (await kubectl(['-n', 'fleet', 'logs', ...selector, '--tail=-1']).catch(() => '')).trim();
      return lines.includes('fleet: ') ? lines : undefined;
    },
    { withinMs: patienceMs / 2, everyMs: 1_000 },
  );
  expect(said.split('\n')).toEqual([expect.stringMatching(/^fleet: STORE=influx: .*401.*INFLUX_TOKEN/)]);
  expect((await ready(name)).status).not.toBe('True');
});

test('a missing Secret is named, and the function is not Ready', { timeout: patienceMs }, async () => {
  const name = 'e2e-no-secret';
  await aCopy(name, 'e2e-is-not-there');
  await eventually(
    'an event that names it',
    async () => {
      const events = await kubectl([
        '-n',
        'fleet',
        'get',
        'events',
        '--field-selector',
        'reason=FailedMount',
        '-o',
        'jsonpath={.items[*].message}',
      ]);
      return events.includes('secret "e2e-is-not-there" not found') || undefined;
    },
    { withinMs: patienceMs / 2, everyMs: 1_000 },
  );
  expect((await ready(name)).status).not.toBe('True');
});
