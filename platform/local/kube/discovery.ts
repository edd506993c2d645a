import { apiVersionOf, type Resource, resources } from './resources.ts';

/** Discovery: which groups, versions and resources there are, in the old form and in the aggregated one. */

const verbs = ['get', 'list', 'watch'];

const named = resources.filter(({ group }) => group !== '');
const groups = [...new Set(named.map(({ group }) => group))].sort();

/** `GET /version`; not that of a real API server, and it says so. */
export const version = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.0+fleet.laptop',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'node',
};

/** `GET /api`. */
export const coreVersions = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };

/** `GET /apis`. */
export const groupList = { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) };

/** `GET /apis/{group}`. */
export function apiGroup(group: string) {
  return groups.includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) } : undefined;
}

/** `GET /apis/{group}/{version}` and `GET /api/v1`. */
export function resourceList(group: string, of: string) {
  const own = resources.filter((one) => one.group === group && one.versions.includes(of));
  if (own.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(own[0] as Resource, of),
    resources: own.map(({ plural, kind, namespaced, shortNames, categories }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs,
      ...(shortNames && { shortNames }),
      ...(categories && { categories }),
    })),
  };
}

/** All of it in one answer, of the core group or of the others (apidiscovery.k8s.io/v2). */
export function aggregated(core: boolean) {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: (core ? [''] : groups).map((group) => ({
      metadata: core ? {} : { name: group },
      versions: versionsOf(group).map((of) => ({
        version: of,
        freshness: 'Current',
        resources: resources
          .filter((one) => one.group === group && one.versions.includes(of))
          .map(({ plural, kind, namespaced, shortNames, categories }) => ({
            resource: plural,
            responseKind: { group, version: of, kind },
            scope: namespaced ? 'Namespaced' : 'Cluster',
            singularResource: kind.toLowerCase(),
            verbs,
            ...(shortNames && { shortNames }),
            ...(categories && { categories }),
          })),
      })),
    })),
  };
}

function groupOf(name: string) {
  const versions = versionsOf(name).map((of) => ({ groupVersion: `${name}/${of}`, version: of }));
  return { name, versions, preferredVersion: versions[0] };
}

/** v1 before betas. */
function versionsOf(group: string): string[] {
  const all = resources.filter((one) => one.group === group).flatMap(({ versions }) => versions);
  return [...new Set(all)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}
