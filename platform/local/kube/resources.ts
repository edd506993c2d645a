/** The kinds that the read-only Kubernetes API serves, as the CRDs of Knative 1.21 name them and print their columns. */
export interface Resource {
  /** Empty for the core group. */
  group: string;
  /** The first is the preferred one; all have the same shape. */
  versions: readonly string[];
  kind: string;
  plural: string;
  namespaced: boolean;
  shortNames?: readonly string[];
  categories?: readonly string[];
  /** Of its CRD; what is none has no `crdLabels`. */
  crdLabels?: Record<string, string>;
  columns: readonly Column[];
}

export interface Column {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  /** From 1 on with `-o wide` alone. */
  priority?: number;
}

const created = '.metadata.creationTimestamp';
const text = (name: string, jsonPath: string): Column => ({ name, type: 'string', jsonPath });
const age: Column = { name: 'Age', type: 'date', jsonPath: created };
const readiness = ['status', 'reason'].map((field) =>
  text(field === 'status' ? 'Ready' : 'Reason', `.status.conditions[?(@.type=='Ready')].${field}`),
);
const eventing = { group: 'eventing.knative.dev', namespaced: true, categories: ['all', 'knative', 'eventing'] };
const serving = {
  group: 'serving.knative.dev',
  versions: ['v1'],
  namespaced: true,
  categories: ['all', 'knative', 'serving'],
};
const messaging = {
  group: 'messaging.knative.dev',
  versions: ['v1'],
  namespaced: true,
  categories: ['all', 'knative', 'messaging'],
};
const addressable = { 'duck.knative.dev/addressable': 'true' };

export const resources: readonly Resource[] = [
  {
    ...eventing,
    versions: ['v1'],
    kind: 'Broker',
    plural: 'brokers',
    crdLabels: addressable,
    columns: [
      text('URL', '.status.address.url'),
      age,
      ...readiness,
      { ...text('Class', '.metadata.annotations.eventing\\.knative\\.dev/broker\\.class'), priority: 1 },
    ],
  },
  {
    ...eventing,
    versions: ['v1'],
    kind: 'Trigger',
    plural: 'triggers',
    crdLabels: {},
    columns: [text('Broker', '.spec.broker'), text('Subscriber_URI', '.status.subscriberUri'), age, ...readiness],
  },
  {
    ...eventing,
    versions: ['v1beta2'],
    kind: 'EventType',
    plural: 'eventtypes',
    crdLabels: {},
    columns: [
      text('Type', '.spec.type'),
      text('Source', '.spec.source'),
      text('Schema', '.spec.schema'),
      text('Reference Name', '.spec.reference.name'),
      text('Reference Kind', '.spec.reference.kind'),
      text('Description', '.spec.description'),
      ...readiness,
    ],
  },
  {
    group: 'sources.knative.dev',
    // kn 0.41 asks for v1beta2.
    versions: ['v1', 'v1beta2'],
    kind: 'PingSource',
    plural: 'pingsources',
    namespaced: true,
    categories: ['all', 'knative', 'sources'],
    crdLabels: { 'duck.knative.dev/source': 'true', 'eventing.knative.dev/source': 'true' },
    columns: [text('Sink', '.status.sinkUri'), text('Schedule', '.spec.schedule'), age, ...readiness],
  },
  {
    ...serving,
    kind: 'Service',
    plural: 'services',
    shortNames: ['kservice', 'ksvc'],
    crdLabels: { ...addressable, 'duck.knative.dev/podspecable': 'true' },
    columns: [
      text('URL', '.status.url'),
      text('LatestCreated', '.status.latestCreatedRevisionName'),
      text('LatestReady', '.status.latestReadyRevisionName'),
      ...readiness,
    ],
  },
  {
    ...serving,
    kind: 'Route',
    plural: 'routes',
    shortNames: ['rt'],
    crdLabels: addressable,
    columns: [text('URL', '.status.url'), ...readiness],
  },
  {
    ...serving,
    kind: 'Configuration',
    plural: 'configurations',
    shortNames: ['config', 'cfg'],
    crdLabels: { 'duck.knative.dev/podspecable': 'true' },
    columns: [
      text('LatestCreated', '.status.latestCreatedRevisionName'),
      text('LatestReady', '.status.latestReadyRevisionName'),
      ...readiness,
    ],
  },
  {
    ...serving,
    kind: 'Revision',
    plural: 'revisions',
    shortNames: ['rev'],
    crdLabels: {},
    columns: [
      text('Config Name', ".metadata.labels['serving\\.knative\\.dev/configuration']"),
      text('Generation', ".metadata.labels['serving\\.knative\\.dev/configurationGeneration']"),
      ...readiness,
      { name: 'Actual Replicas', type: 'integer', jsonPath: '.status.actualReplicas' },
      { name: 'Desired Replicas', type: 'integer', jsonPath: '.status.desiredReplicas' },
    ],
  },
  // What no manifest here can name: there are none, which is what clients are told.
  {
    ...serving,
    versions: ['v1beta1'],
    kind: 'DomainMapping',
    plural: 'domainmappings',
    shortNames: ['dm'],
    columns: [text('URL', '.status.url'), ...readiness],
  },
  { ...messaging, kind: 'Channel', plural: 'channels', shortNames: ['ch'], columns: [age, ...readiness] },
  { ...messaging, kind: 'Subscription', plural: 'subscriptions', shortNames: ['sub'], columns: [age, ...readiness] },
  {
    group: '',
    versions: ['v1'],
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    columns: [text('Status', '.status.phase'), age],
  },
  {
    group: '',
    versions: ['v1'],
    kind: 'Service',
    plural: 'services',
    namespaced: true,
    shortNames: ['svc'],
    columns: [text('Type', '.spec.type'), text('External-IP', '.spec.externalName'), age],
  },
  // kubectl describe asks for those of an object; none are kept.
  {
    group: '',
    versions: ['v1'],
    kind: 'Event',
    plural: 'events',
    namespaced: true,
    shortNames: ['ev'],
    columns: [text('Reason', '.reason'), text('Message', '.message')],
  },
  {
    group: 'discovery.k8s.io',
    versions: ['v1'],
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced: true,
    columns: [text('AddressType', '.addressType'), age],
  },
  {
    group: 'apiextensions.k8s.io',
    versions: ['v1'],
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    columns: [text('Created At', created)],
  },
];

/** How a resource is named among all: `triggers.eventing.knative.dev`, `namespaces`. */
export function nameOf({ plural, group }: Pick<Resource, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The apiVersion of a resource in one of its versions, the preferred one unless told. */
export function apiVersionOf({ group, versions }: Resource, version = versions[0] ?? ''): string {
  return group === '' ? version : `${group}/${version}`;
}
