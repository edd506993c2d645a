/** A part of JSON Schema, as OpenAPI of Kubernetes and of custom resources has it. */
export interface Schema {
  [key: string]: unknown;
}

export const definitionPrefix = '#/definitions/';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Kinds of Kubernetes itself: the file of its OpenAPI, and the definition in it. */
export const kubernetesKinds: Record<string, [file: string, definition: string]> = {
  ...Object.fromEntries(
    ['Namespace', 'ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'PersistentVolumeClaim'].map((kind) => [
      `v1 ${kind}`,
      ['api__v1_openapi.json', `io.k8s.api.core.v1.${kind}`],
    ]),
  ),
  'apps/v1 Deployment': ['apis__apps__v1_openapi.json', 'io.k8s.api.apps.v1.Deployment'],
  'apps/v1 StatefulSet': ['apis__apps__v1_openapi.json', 'io.k8s.api.apps.v1.StatefulSet'],
  'batch/v1 Job': ['apis__batch__v1_openapi.json', 'io.k8s.api.batch.v1.Job'],
  ...Object.fromEntries(
    ['Ingress', 'NetworkPolicy'].map((kind) => [
      `networking.k8s.io/v1 ${kind}`,
      ['apis__networking.k8s.io__v1_openapi.json', `io.k8s.api.networking.v1.${kind}`],
    ]),
  ),
  'policy/v1 PodDisruptionBudget': ['apis__policy__v1_openapi.json', 'io.k8s.api.policy.v1.PodDisruptionBudget'],
  ...Object.fromEntries(
    ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => [
      `rbac.authorization.k8s.io/v1 ${kind}`,
      ['apis__rbac.authorization.k8s.io__v1_openapi.json', `io.k8s.api.rbac.v1.${kind}`],
    ]),
  ),
};

/** Kinds of custom resources. */
export const crdKinds = [
  'serving.knative.dev/v1 Service',
  'eventing.knative.dev/v1 Broker',
  'eventing.knative.dev/v1 Trigger',
  'sources.knative.dev/v1 PingSource',
  'traefik.io/v1alpha1 Middleware',
  'traefik.io/v1alpha1 TLSStore',
  'cert-manager.io/v1 Certificate',
  'cert-manager.io/v1 ClusterIssuer',
  'argoproj.io/v1alpha1 Application',
  'argoproj.io/v1alpha1 AppProject',
  'helm.cattle.io/v1 HelmChartConfig',
];

/** Words of the schema that judge; the rest is for people, or for the API server. */
const judging = [
  ...['type', 'required', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minProperties', 'maxProperties', 'uniqueItems'],
] as const;

/**
 * The schema without descriptions and status, in which an object has no field that is not named: the API server drops such
 * fields, and a misspelt one would do nothing.
 *
 * @param isKind the top of a custom resource, whose metadata are any object's
 */
export function strict(schema: Schema, isKind = false): Schema {
  const { $ref, properties, items, additionalProperties } = schema;
  if (typeof $ref === 'string') return { $ref: $ref.replace('#/components/schemas/', definitionPrefix) };
  if (schema['x-kubernetes-int-or-string']) return { type: ['integer', 'string'] };
  const result: Schema = {};
  for (const word of judging) if (schema[word] !== undefined) result[word] = schema[word];
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const) {
    const parts = schema[word] as Schema[] | undefined;
    // Beside properties they only narrow, and name no field of their own.
    if (parts) result[word] = properties ? parts.map(loose) : parts.map((part) => strict(part));
  }
  if (schema.nullable && typeof schema.type === 'string') result.type = [schema.type, 'null'];
  if (items) result.items = strict(items as Schema);
  if (typeof additionalProperties === 'object' && additionalProperties) {
    result.additionalProperties = strict(additionalProperties as Schema);
  }
  if (!properties) return result;
  const named = Object.entries(properties as Record<string, Schema>).filter(([name]) => !isStatus(name, schema));
  result.properties = Object.fromEntries(named.map(([name, part]) => [name, strict(part)]));
  if (isKind) {
    const text = { type: 'string' };
    const metadata = { $ref: `${definitionPrefix}${objectMeta}` };
    result.properties = { ...(result.properties as Schema), apiVersion: text, kind: text, metadata };
  }
  // Fields of Knative's delivery specs that only its webhook knows: behind them the schema lets everything pass.
  if ('backoffPolicy' in (result.properties as object))
    result.properties = { ...deliveryExtras, ...(result.properties as object) };
  if (additionalProperties === undefined) result.additionalProperties = false;
  return result;
}

const deliveryExtras = { timeout: { type: 'string' }, retryAfterMax: { type: 'string' }, format: { type: 'string' } };

function loose(schema: Schema): Schema {
  const { required, not } = schema as { required?: unknown; not?: unknown };
  return { ...(required !== undefined && { required }), ...(not !== undefined && { not }) };
}

/** Of a whole kind: what the cluster writes and nobody applies. */
function isStatus(name: string, { properties }: Schema): boolean {
  return name === 'status' && 'metadata' in (properties as object) && 'kind' in (properties as object);
}
