import { aggregated, apiGroup, coreVersions, groupList, resourceList, version } from './discovery.ts';
import { openApiOf, openApiRoot } from './openapi.ts';
import { type Resource, resources } from './resources.ts';

/** The first segments that the API has for itself. */
export const roots = new Set(['api', 'apis', 'openapi', 'version', 'healthz', 'livez', 'readyz']);

/**
 * What does not depend on what runs; undefined where the path is another one.
 * @param all of the discovery at once, where there is that form
 */
export function fixedAnswer(segments: readonly string[], all: boolean): object | string | undefined {
  const [root = '', group = '', of = '', ...more] = segments;
  if (root === 'healthz' || root === 'livez' || root === 'readyz') return 'ok';
  if (root === 'version') return version;
  if (root === 'openapi' && group === 'v3') return of === '' ? openApiRoot : openApiOf([of, ...more].join('/'));
  if (root === 'api' && group === '') return all ? aggregated(true) : coreVersions;
  if (root === 'api' && of === '') return resourceList('', group);
  if (root === 'apis' && group === '') return all ? aggregated(false) : groupList;
  if (root === 'apis' && of === '') return apiGroup(group);
  return root === 'apis' && more.length === 0 ? resourceList(group, of) : undefined;
}

export interface Asked {
  resource: Resource;
  version: string;
  namespace: string | undefined;
  name: string | undefined;
}

/** `/api/v1/…` or `/apis/{group}/{version}/…`, then `[namespaces/{namespace}/]{plural}[/{name}[/status]]`. */
export function askedFor(segments: readonly string[]): Asked | undefined {
  const core = segments[0] === 'api';
  const [group = '', version = ''] = core ? ['', segments[1]] : segments.slice(1);
  let rest = segments.slice(core ? 2 : 3);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural, name, part, ...more] = rest;
  const resource = resources.find(
    (one) =>
      one.group === group && one.versions.includes(version) && one.plural === plural && (one.namespaced || !namespace),
  );
  if (resource === undefined || more.length > 0 || (part !== undefined && part !== 'status')) return undefined;
  return { resource, version, namespace, name };
}
