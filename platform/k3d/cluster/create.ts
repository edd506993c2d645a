import { ClusterError, read, say, show } from './run.ts';
import { releaseOf, versions } from './versions.ts';

/** Of the k3d cluster. */
export const clusterName = 'fleet';

/** Makes the k3d cluster unless it is there, and has kubectl talk to it. */
export async function createCluster(): Promise<void> {
  const there = JSON.parse(read('k3d', ['cluster', 'list', '-o', 'json'])) as { name: string }[];
  if (there.some(({ name }) => name === clusterName)) {
    say(`cluster ${clusterName} is there`);
    await show('k3d', ['cluster', 'start', clusterName, '--wait']);
  } else {
    say(`creating cluster ${clusterName} (k3s ${versions.k3s})`);
    const image = `docker.io/rancher/k3s:${versions.k3s.replace('+', '-')}`;
    // Names of localtest.me are the loopback address: what comes in there is Traefik's.
    const ports = ['--port', '127.0.0.1:80:80@loadbalancer', '--port', '127.0.0.1:443:443@loadbalancer'];
    await show('k3d', ['cluster', 'create', clusterName, '--image', image, ...ports, '--wait', '--timeout', '300s']);
  }
  await show('k3d', ['kubeconfig', 'merge', clusterName, '--kubeconfig-merge-default', '--kubeconfig-switch-context']);
  read('kubectl', ['cluster-info']);
}

export async function deleteCluster(): Promise<void> {
  await show('k3d', ['cluster', 'delete', clusterName]);
}

/** Knative's released manifests, in the order they are applied. */
export function knativeManifests(): string[] {
  const of = (part: 'serving' | 'eventing', version: string, names: readonly string[]) =>
    names.map((name) => `https://github.com/knative/${part}/releases/download/${releaseOf(version)}/${name}.yaml`);
  return [
    ...of('serving', versions.knativeServing, ['serving-crds', 'serving-core']),
    ...of('eventing', versions.knativeEventing, [
      ...['eventing-crds', 'eventing-core'],
      ...['in-memory-channel', 'mt-channel-broker'],
    ]),
  ];
}

/** Installs Knative, and makes k3s' own Traefik its network layer. Done again it changes nothing. */
export async function installPlatform(): Promise<void> {
  for (const url of knativeManifests()) {
    say(url.replace(/.*\//, 'Knative: '));
    await show('kubectl', [
      'apply',
      '--server-side',
      '--force-conflicts',
      '--field-manager=knative-release',
      '-f',
      url,
    ]);
    if (url.endsWith('-crds.yaml'))
      await show('kubectl', ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s']);
  }
  for (const namespace of ['knative-serving', 'knative-eventing']) {
    say(`waiting for ${namespace}`);
    await show('kubectl', [
      '-n',
      namespace,
      'wait',
      '--for=condition=Available',
      'deployment',
      '--all',
      '--timeout=600s',
    ]);
  }
  say('Traefik as the network layer');
  await traefikIsThere();
  await show('kubectl', ['apply', '--server-side', '--field-manager=fleet', '-k', 'platform/k3d/traefik']);
}

/** k3s installs Traefik by a Job of its own, a while after the cluster is up; its kinds come with it. */
async function traefikIsThere(): Promise<void> {
  const ends = Date.now() + 300_000;
  for (;;) {
    try {
      read('kubectl', ['get', 'crd', 'middlewares.traefik.io']);
      return;
    } catch (cause) {
      if (Date.now() > ends) throw new ClusterError('k3s did not install Traefik within 5 minutes', { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
