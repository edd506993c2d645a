import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { crdKinds, definitionPrefix, kubernetesKinds, type Schema, strict } from './strict.ts';

/**
 * Writes schemas.json: the published schemas of every kind that the manifests use, from the sources of the very versions in
 * versions.yaml, as Go modules have them. Needs Go: `npm run schemas`. Whoever only tests does not.
 */

interface Versions {
  kubernetes: string;
  knativeServing: string;
  knativeEventing: string;
  traefik: string;
  certManager: string;
  argoCd: string;
  helmController: string;
}
const versions = parse(readFileSync(new URL('../versions.yaml', import.meta.url), 'utf8')) as Versions;
const sources = {
  kubernetes: `k8s.io/kubernetes@v${versions.kubernetes}`,
  serving: `knative.dev/serving@v${versions.knativeServing}`,
  eventing: `knative.dev/eventing@v${versions.knativeEventing}`,
  traefik: `github.com/traefik/traefik/v3@v${versions.traefik}`,
  certManager: `github.com/cert-manager/cert-manager@v${versions.certManager}`,
  argoCd: `github.com/argoproj/argo-cd/v3@v${versions.argoCd}`,
  helmController: `github.com/k3s-io/helm-controller@v${versions.helmController}`,
};

/** Folders of the modules with the definitions of custom resources. */
const crdFolders: [source: keyof typeof sources, folder: string][] = [
  ['serving', 'config/core/300-resources'],
  ['eventing', 'config/core/resources'],
  ['traefik', 'docs/content/reference/dynamic-configuration'],
  ['certManager', 'deploy/crds'],
  ['argoCd', 'manifests/crds'],
  ['helmController', 'pkg/crds/yaml/generated'],
];

const work = mkdtempSync(join(tmpdir(), 'schemas-'));
try {
  execFileSync('go', ['mod', 'init', 'schemas'], { cwd: work, stdio: 'ignore' });
  const definitions: Record<string, Schema> = {};
  const kinds: Record<string, Schema> = {};
  fromKubernetes(definitions, kinds);
  for (const [source, folder] of crdFolders) fromCrds(join(moduleFolder(sources[source]), folder), kinds);
  const missing = [...Object.keys(kubernetesKinds), ...crdKinds].filter((kind) => !kinds[kind]);
  if (missing.length > 0) throw new Error(`no schema of ${missing.join(', ')}`);
  const lines = (map: Record<string, unknown>) =>
    Object.keys(map)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${JSON.stringify(map[key])}`)
      .join(',\n');
  const text = `{\n"sources":{\n${lines(sources)}\n},\n"definitions":{\n${lines(definitions)}\n},\n"kinds":{\n${lines(kinds)}\n}\n}\n`;
  writeFileSync(new URL('schemas.json', import.meta.url), text);
  process.stderr.write(`${Object.keys(kinds).length} kinds, ${Math.round(text.length / 1000)} kB\n`);
} finally {
  rmSync(work, { recursive: true });
}

/** Where the module proxy has put it; a module that needs a newer Go is there all the same. */
function moduleFolder(module: string): string {
  const out = execFileSync('go', ['mod', 'download', '-json', module], { cwd: work, encoding: 'utf8' });
  const { Dir } = JSON.parse(out) as { Dir?: string };
  if (!Dir) throw new Error(`${module}: ${out}`);
  return Dir;
}

/** The kinds that are used, and every definition they lead to. */
function fromKubernetes(definitions: Record<string, Schema>, kinds: Record<string, Schema>): void {
  const folder = join(moduleFolder(sources.kubernetes), 'api/openapi-spec/v3');
  for (const file of new Set(Object.values(kubernetesKinds).map(([name]) => name))) {
    const { components } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      components: { schemas: Record<string, Schema> };
    };
    const take = (name: string): void => {
      const found = components.schemas[name];
      if (!found || definitions[name]) return;
      const schema = strict(found);
      definitions[name] = schema;
      for (const [, next = ''] of JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) take(next);
    };
    for (const [kind, [from, definition]] of Object.entries(kubernetesKinds)) {
      if (from !== file) continue;
      take(definition);
      kinds[kind] = { $ref: `${definitionPrefix}${definition}` };
    }
  }
}

function fromCrds(folder: string, kinds: Record<string, Schema>): void {
  for (const file of readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const crd = document.toJS() as {
        kind?: string;
        spec?: {
          group: string;
          names: { kind: string };
          versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
        };
      } | null;
      if (crd?.kind !== 'CustomResourceDefinition' || !crd.spec) continue;
      for (const { name, schema } of crd.spec.versions) {
        const kind = `${crd.spec.group}/${name} ${crd.spec.names.kind}`;
        if (crdKinds.includes(kind)) kinds[kind] = strict(schema.openAPIV3Schema, true);
      }
    }
  }
}
