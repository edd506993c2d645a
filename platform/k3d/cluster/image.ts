import { read, say, show, tryRead } from './run.ts';

/**
 * The image's name for what is checked out. Nodes keep what they have of a tag: a commit has its own, and a tree with
 * changes a new one for each build.
 */
export function imageName(nowMs: number): string {
  const commit = tryRead('git', ['rev-parse', '--short=12', 'HEAD'])?.trim();
  const isClean = commit !== undefined && read('git', ['status', '--porcelain']) === '';
  return `dev.local/fleet-telemetry:${[commit ?? 'tree', ...(isClean ? [] : [nowMs.toString(36)])].join('-')}`;
}

/** Builds the image with Docker and puts it on the nodes of the k3d cluster. */
export async function buildAndImport(image: string, cluster: string): Promise<void> {
  say(`building ${image}`);
  await show('docker', ['build', '--quiet', '-f', 'platform/k3d/Containerfile', '-t', image, '.']);
  say('putting it on the nodes');
  await show('k3d', ['image', 'import', '--cluster', cluster, image]);
}
