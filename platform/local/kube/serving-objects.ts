import { keyOf, type WrittenResource } from '../manifests.ts';
import { serviceAddress } from '../topology.ts';
import { conditionsOf, isFalse, isTrue, type State } from './conditions.ts';
import { type Draft, draftOf, ownedBy, type Scene, writtenOf } from './objects.ts';

/** Functions that are called over HTTP: they are there as long as the process is. */
export type AlwaysOn = (functionName: string) => boolean;

/** Knative Services with the Configuration, Route and latest Revision of each; earlier revisions are not kept. */
export function servingObjects(scene: Scene, alwaysOn: AlwaysOn): Draft[] {
  return writtenOf(scene, 'serving.knative.dev/v1', 'Service').flatMap((written) =>
    serviceObjects(written, scene, alwaysOn),
  );
}

function serviceObjects(written: WrittenResource, scene: Scene, alwaysOn: AlwaysOn): Draft[] {
  const { name, namespace } = written.metadata;
  const { template } = written.spec as { template: Template };
  const generation = scene.generationOf(written);
  const revision = `${name}-${String(generation).padStart(5, '0')}`;
  const replicas = replicasOf(written, template, scene, alwaysOn);
  const address = { url: serviceAddress(namespace, name) };
  const url = isClusterLocal(written) ? address.url : scene.publicUrl;
  const ready =
    replicas.failure === undefined ? isTrue : isFalse('RevisionFailed', failedRevision(revision, replicas.failure));
  const names = {
    latestCreatedRevisionName: revision,
    ...(ready.status === 'True' && { latestReadyRevisionName: revision }),
  };
  const traffic = [{ latestRevision: true, percent: 100 }];
  const served = { url, address, traffic: [{ ...traffic[0], revisionName: revision }] };
  const owned = (kind: string, spec: unknown, status: Draft['status']): Draft => ({
    apiVersion: 'serving.knative.dev/v1',
    kind,
    metadata: {
      name,
      namespace,
      generation,
      labels: labelsOf(written),
      annotations: {},
      ownerReferences: ownedBy(written),
    },
    spec,
    status: { observedGeneration: generation, ...status },
  });
  const service = draftOf(
    {
      written,
      status: { ...served, ...names, conditions: conditionsOf({ ConfigurationsReady: ready, RoutesReady: ready }) },
    },
    scene,
  );
  return [
    { ...service, spec: { ...(written.spec as object), traffic } },
    owned('Configuration', { template }, { ...names, conditions: [{ type: 'Ready', ...ready }] }),
    owned(
      'Route',
      { traffic: [{ ...traffic[0], configurationName: name }] },
      {
        ...served,
        conditions: conditionsOf({ AllTrafficAssigned: ready, IngressReady: isTrue, CertificateProvisioned: tlsOff }),
      },
    ),
    revisionOf({ written, template, generation, revision, replicas }),
  ];
}

interface Template {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    containers: { name?: string; image?: string; env?: { name: string; value?: string }[] }[];
    [key: string]: unknown;
  };
}

interface Replicas {
  actual: number;
  desired: number;
  /** Why the last start failed. */
  failure: string | undefined;
}

interface RevisionOptions {
  written: WrittenResource;
  template: Template;
  generation: number;
  revision: string;
  replicas: Replicas;
}

function revisionOf({ written, template, generation, revision, replicas }: RevisionOptions): Draft {
  const { name, namespace } = written.metadata;
  const { actual, desired, failure } = replicas;
  const [container] = template.spec.containers;
  const labels = {
    ...template.metadata?.labels,
    ...labelsOf(written),
    'serving.knative.dev/configuration': name,
    'serving.knative.dev/configurationGeneration': String(generation),
  };
  const healthy = failure === undefined ? isTrue : isFalse('StartFailed', `Container failed with: ${failure}`);
  const active: State = desired > 0 ? isTrue : isFalse('NoTraffic', 'The target is not receiving traffic.');
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    // kn writes into the annotations of revisions, so that there have to be some.
    metadata: {
      name: revision,
      namespace,
      generation: 1,
      labels,
      annotations: { ...template.metadata?.annotations },
      ownerReferences: [{ ...ownedBy(written)[0], kind: 'Configuration' } as ReturnType<typeof ownedBy>[0]],
    },
    spec: { containerConcurrency: 0, timeoutSeconds: 300, ...template.spec },
    status: {
      observedGeneration: 1,
      actualReplicas: actual,
      desiredReplicas: desired,
      containerStatuses: [{ name: container?.name ?? 'user-container' }],
      conditions: conditionsOf({ ResourcesAvailable: isTrue, ContainerHealthy: healthy }, { Active: active }),
    },
  };
}

function replicasOf(written: WrittenResource, { spec }: Template, { status }: Scene, alwaysOn: AlwaysOn): Replicas {
  const functionName = spec.containers[0]?.env?.find(({ name }) => name === 'FUNCTION')?.value ?? '';
  if (alwaysOn(functionName)) return { actual: 1, desired: 1, failure: undefined };
  const known = status.functions.find(({ namespace, name }) => `${namespace}/${name}` === keyOf(written));
  const actual = known?.state === 'active' ? 1 : 0;
  return { actual, desired: known?.state === 'starting' ? 1 : actual, failure: known?.startFailure };
}

function isClusterLocal({ metadata }: WrittenResource): boolean {
  const { labels } = metadata as { labels?: Record<string, string> };
  return labels?.['networking.knative.dev/visibility'] === 'cluster-local';
}

function labelsOf({ metadata }: WrittenResource): Record<string, string> {
  return { 'serving.knative.dev/service': metadata.name };
}

function failedRevision(revision: string, failure: string): string {
  return `Revision "${revision}" failed with message: Container failed with: ${failure}.`;
}

const tlsOff: State = { status: 'True', reason: 'TLSNotEnabled', message: 'autoTLS is not enabled' };
