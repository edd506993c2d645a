import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute, without a slash at its end. */
export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Something that the user must do or know; said in one line, without a stack. */
export class ClusterError extends Error {
  override name = 'ClusterError';
}

/** Runs a program with its output shown. Throws ClusterError where it fails. */
export async function show(program: string, args: readonly string[], input?: string): Promise<void> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).catch((cause: Error) => {
    throw new ClusterError(`${program}: ${cause.message}`, { cause });
  });
  if (code !== 0) throw new ClusterError(`${program} ${args.slice(0, 4).join(' ')} … failed`);
}

/** All manifests together are 0.5 MB. */
const maxBuffer = 16 * 1024 * 1024;

/** What a program prints. Throws ClusterError with what it complains of. */
export function read(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, input, encoding: 'utf8', maxBuffer });
  if (error) throw new ClusterError(`${program}: ${error.message}`, { cause: error });
  if (status !== 0) throw new ClusterError(`${program} ${args.slice(0, 4).join(' ')}: ${stderr.trim().split('\n')[0]}`);
  return stdout;
}

/** As `read`, but undefined where it fails. */
export function tryRead(program: string, args: readonly string[]): string | undefined {
  try {
    return read(program, args);
  } catch {
    return undefined;
  }
}

const startMs = Date.now();

/** Progress: what is done now, and how long it has taken so far. */
export function say(step: string): void {
  process.stdout.write(`${String(Math.round((Date.now() - startMs) / 1000)).padStart(4)} s  ${step}\n`);
}
