import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { kubectl } from './kubectl.ts';
import type { Manifest } from './manifest.ts';

const here = fileURLToPath(new URL('..', import.meta.url));

const rendered = new Map<string, Manifest[]>();

/** What `kubectl kustomize` makes of a folder of platform/k3d; it throws what kubectl says. */
export function render(folder: string): Manifest[] {
  const known = rendered.get(folder);
  if (known) return known;
  const text = execFileSync(kubectl(), ['kustomize', folder], {
    cwd: here,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const manifests = parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Manifest;
  });
  rendered.set(folder, manifests);
  return manifests;
}
