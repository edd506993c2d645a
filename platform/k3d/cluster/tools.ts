import { ClusterError, tryRead } from './run.ts';
import { versions } from './versions.ts';

interface Tool {
  name: string;
  /** Prints the version; fails where the tool is not there, or what it talks to is not running. */
  probe: readonly string[];
  least: string;
  help: string;
}

const kubectl: Tool = {
  name: 'kubectl',
  probe: ['version', '--client'],
  // One minor version of difference to the cluster is allowed.
  least: `v1.${Number(versions.kubectl.split('.')[1]) - 1}.0`,
  help: 'https://kubernetes.io/docs/tasks/tools/',
};
const docker: Tool = {
  name: 'docker',
  probe: ['version', '--format', '{{.Server.Version}}'],
  least: '20.10.0',
  help: 'https://docs.docker.com/engine/install/ (and its daemon must run, for this user)',
};
const k3d: Tool = {
  name: 'k3d',
  probe: ['version'],
  least: versions.k3d,
  help: `https://k3d.io/ (${versions.k3d} is what this was made for)`,
};

/** Throws ClusterError that names all that is missing or too old, and where to get it. */
export function checkTools(names: readonly ('kubectl' | 'docker' | 'k3d')[]): void {
  const tools = [kubectl, docker, k3d].filter(({ name }) => (names as readonly string[]).includes(name));
  const faults = tools.flatMap((tool) => faultOf(tool, tryRead(tool.name, tool.probe)) ?? []);
  if (faults.length > 0) throw new ClusterError(faults.join('\n  '));
}

/** What is wrong with a tool, by what its probe printed; undefined if nothing. */
export function faultOf({ name, least, help }: Omit<Tool, 'probe'>, printed: string | undefined): string | undefined {
  if (printed === undefined) return `${name} is missing, or does not run: ${help}`;
  const found = /v?\d+\.\d+\.\d+/.exec(printed)?.[0];
  if (found !== undefined && isAtLeast(found, least)) return undefined;
  return `${name} is ${found ?? 'of an unknown version'}, and ${least} or newer is needed: ${help}`;
}

function isAtLeast(found: string, least: string): boolean {
  const [a, b] = [found, least].map((version) => version.replace('v', '').split('.').map(Number));
  for (const [i, wanted] of (b ?? []).entries()) {
    if (a?.[i] !== wanted) return (a?.[i] ?? 0) > wanted;
  }
  return true;
}
