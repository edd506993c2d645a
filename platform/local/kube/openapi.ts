import { apiVersionOf, type Resource, resources } from './resources.ts';

/**
 * OpenAPI v3, as far as clients insist on it: which kind is at which path, and objects whose spec and status are open.
 * What keys there are is checked where the manifests are loaded.
 */

/** `GET /openapi/v3`. */
export const openApiRoot = {
  paths: Object.fromEntries(
    [...new Set(resources.flatMap((one) => one.versions.map((version) => pathOf(one, version))))].map((path) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}` },
    ]),
  ),
};

/** `GET /openapi/v3/apis/{group}/{version}`. */
export function openApiOf(path: string) {
  const own = resources.flatMap((resource) =>
    resource.versions.filter((version) => pathOf(resource, version) === path).map((version) => ({ resource, version })),
  );
  if (own.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Fleet Telemetry: what runs on this laptop, read-only', version: 'v1' },
    paths: Object.fromEntries(
      own.flatMap(({ resource, version }) => {
        const { plural, namespaced } = resource;
        const list = `/${path}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
        return [
          [list, { get: operation(resource, version, 'list') }],
          [`${list}/{name}`, { get: operation(resource, version, 'get'), patch: refused(resource, version) }],
        ];
      }),
    ),
    components: {
      schemas: Object.fromEntries(
        own.map(({ resource, version }) => [schemaName(resource, version), schemaOf(resource, version)]),
      ),
    },
  };
}

function pathOf(resource: Resource, version: string): string {
  return `${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource, version)}`;
}

function schemaName({ group, kind }: Resource, version: string): string {
  return `${(group || 'core').split('.').reverse().join('.')}.${version}.${kind}`;
}

function operation(resource: Resource, version: string, action: string) {
  const schema = { $ref: `#/components/schemas/${schemaName(resource, version)}` };
  return {
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(resource, version),
  };
}

/** Without it kubectl apply looks for another form of this document instead of asking, and being refused. */
function refused(resource: Resource, version: string) {
  return {
    description: 'Refused: this API is read-only',
    parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
    responses: { 405: { description: 'Method Not Allowed' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': kindOf(resource, version),
  };
}

function schemaOf(resource: Resource, version: string) {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    type: 'object',
    description: `${resource.kind}, read from the manifests of the checkout`,
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: open, spec: open, status: open },
    'x-kubernetes-group-version-kind': [kindOf(resource, version)],
  };
}

function kindOf({ group, kind }: Resource, version: string) {
  return { group, version, kind };
}
