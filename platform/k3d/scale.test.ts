import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const prefix = 'autoscaling.knative.dev/';

interface Template {
  metadata: { annotations: Record<string, string> };
  spec: { containerConcurrency?: number };
}

it('decisions/scale.md says how each function scales, as its manifest does', () => {
  const folders = readdirSync(`${root}functions`, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'lib',
  );
  const inManifests = folders.map(({ name }) => {
    const manifest = parse(readFileSync(`${root}functions/${name}/service.yaml`, 'utf8'));
    const { metadata, spec } = manifest.spec.template as Template;
    const settings = Object.entries(metadata.annotations)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => `${key.slice(prefix.length)}: ${value}`);
    if (spec.containerConcurrency !== undefined) settings.push(`containerConcurrency: ${spec.containerConcurrency}`);
    return [name, settings.sort()];
  });
  const rows = readFileSync(`${root}platform/decisions/scale.md`, 'utf8').matchAll(
    /^\| `([a-z-]+)` \| (`min-scale.*?) \|/gm,
  );
  const inTable = [...rows].map(([, name, cell]) => [
    name,
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, setting]) => setting).sort(),
  ]);
  expect(Object.fromEntries(inTable)).toEqual(Object.fromEntries(inManifests));
});
