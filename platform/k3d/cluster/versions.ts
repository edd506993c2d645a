import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const schema = z.object({
  k3s: z.string(),
  k3d: z.string(),
  kubectl: z.string(),
  knativeServing: z.string(),
  knativeEventing: z.string(),
});

/** What is pinned in versions.yaml, as far as the commands of a cluster need it. */
export const versions = schema.parse(parse(readFileSync(new URL('../versions.yaml', import.meta.url), 'utf8')));

/**
 * The name of a Knative release by the version of its Go module: 0.27 was renamed 1.0, and they count on side by side
 * (0.48.2 is knative-v1.21.2).
 */
export function releaseOf(moduleVersion: string): string {
  const [, minor, patch] = /^0\.(\d+)\.(\d+)$/.exec(moduleVersion) ?? [];
  if (minor === undefined) throw new Error(`${moduleVersion} is no version of a Knative module`);
  return `knative-v1.${Number(minor) - 27}.${patch}`;
}
