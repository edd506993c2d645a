import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { ClusterError, read, root, say, show, tryRead } from './run.ts';

export interface ApplyOptions {
  /** With its tag; it must be on the nodes, or where they can pull it. */
  image: string;
  /** A kustomize folder of the whole: `platform/k3d/base` or an overlay. */
  folder: string;
}

const kinds = ['services.serving.knative.dev', 'brokers.eventing.knative.dev', 'pingsources.sources.knative.dev'];

/** Puts the fleet on the cluster that KUBECONFIG names, and waits until all of it is Ready. Can be repeated. */
export async function applyFleet({ image, folder }: ApplyOptions): Promise<void> {
  check(image);
  say('settings of Knative');
  await show('kubectl', ['apply', ...serverSide, '-k', 'platform/k3d/knative']);
  say('secrets, made once');
  await show(process.execPath, ['platform/k3d/secrets.ts']);
  say(`${folder} with ${image}`);
  // The template of a Job never changes: it is run anew, and does nothing where all is done.
  await show('kubectl', ['-n', 'fleet', 'delete', 'job', 'provision', '--ignore-not-found']);
  await show('kubectl', ['apply', ...serverSide, '-f', '-'], rendered(folder, image));
  say('the store');
  await show('kubectl', ['-n', 'fleet', 'rollout', 'status', 'statefulset/influxdb', '--timeout=300s']);
  await show('kubectl', ['-n', 'fleet', 'wait', '--for=condition=Complete', 'job/provision', '--timeout=600s']);
  say('functions, broker, triggers, ping sources');
  await waitReady();
}

const serverSide = ['--server-side', '--force-conflicts', '--field-manager=fleet'];

/** Throws ClusterError that says what the cluster lacks. */
function check(image: string): void {
  if (/:latest$|^[^:]*$/.test(image)) throw new ClusterError(`${image}: give a tag, and none that moves`);
  if (tryRead('kubectl', ['get', '--raw', '/readyz']) === undefined)
    throw new ClusterError('no cluster answers: set KUBECONFIG, or make one with `npm run cluster:up`');
  for (const kind of kinds) {
    if (tryRead('kubectl', ['get', 'crd', kind]) === undefined)
      throw new ClusterError(`the cluster has no ${kind}: install Knative Serving and Eventing first`);
  }
}

/** The folder's objects with the functions' image named. */
function rendered(folder: string, image: string): string {
  const [, newName, newTag] = /^(.+):([^:/]+)$/.exec(image) ?? [];
  const work = mkdtempSync(join(tmpdir(), 'fleet-apply-'));
  try {
    const kustomization = {
      resources: [relative(work, resolve(root, folder))],
      images: [{ name: 'dev.local/fleet-telemetry', newName, newTag }],
    };
    writeFileSync(join(work, 'kustomization.yaml'), stringify(kustomization));
    return read('kubectl', ['kustomize', work]);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** A revision that waited for its Secret may be a while; what is not Ready then is named. */
async function waitReady(): Promise<void> {
  const wait = ['wait', '--for=condition=Ready', '--timeout=300s', '--all'];
  await show('kubectl', ['-n', 'fleet', ...wait, `${kinds.join(',')},triggers.eventing.knative.dev`]);
}
