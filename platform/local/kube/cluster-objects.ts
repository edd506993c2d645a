import { type Draft, draftOf, type Scene, writtenOf } from './objects.ts';
import { apiVersionOf, nameOf, type Resource, resources } from './resources.ts';

/** What is not Knative's: the namespaces that manifests name, Services elsewhere with their addresses, and the CRDs. */
export function clusterObjects(scene: Scene): Draft[] {
  const namespaces = new Set(scene.topology.manifests.written.map(({ metadata }) => metadata.namespace));
  return [
    ...[...namespaces].sort().map(
      (name): Draft => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }),
    ),
    ...writtenOf(scene, 'v1', 'Service').map((written) => draftOf({ written }, scene)),
    ...writtenOf(scene, 'discovery.k8s.io/v1', 'EndpointSlice').map((written) => draftOf({ written }, scene)),
    ...resources.flatMap((resource) => (resource.crdLabels === undefined ? [] : [crdOf(resource)])),
  ];
}

/** Clients look up versions, labels and columns in it; the schema is left open, for nothing is written through this API. */
function crdOf(resource: Resource): Draft {
  const { group, versions, kind, plural, shortNames, categories, crdLabels, columns } = resource;
  const names = namesOf(kind, plural, shortNames, categories);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: nameOf(resource), generation: 1, labels: { 'knative.dev/crd-install': 'true', ...crdLabels } },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      conversion: { strategy: 'None' },
      versions: versions.map((version, index) => ({
        name: version,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        additionalPrinterColumns: columns,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
    },
    status: {
      acceptedNames: names,
      storedVersions: versions.slice(0, 1),
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'accepted' },
      ],
    },
  };
}

function namesOf(kind: string, plural: string, shortNames: readonly string[] = [], categories: readonly string[] = []) {
  return { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames, categories };
}

/** The resource an object is of. */
export function resourceOf({ apiVersion, kind }: Pick<Draft, 'apiVersion' | 'kind'>): Resource {
  const resource = resources.find(
    (one) => one.kind === kind && one.versions.some((version) => apiVersionOf(one, version) === apiVersion),
  );
  if (resource === undefined) throw new Error(`${apiVersion} ${kind} is no resource of the API`);
  return resource;
}
