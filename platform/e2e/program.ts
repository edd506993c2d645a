import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that is tested. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program needs of the environment it is started from; settings come from the test alone. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

/** A process of the system under test. */
export interface Program {
  readonly pid: number;
  readonly running: boolean;
  stdout(): string;
  stderr(): string;
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  /** Sends a message over its channel. */
  tell(message: object): void;
  /** Kills it and what it started, if they still run. */
  killAll(): void;
}

/** Runs a script with this Node. It ends when the test process does: its channel is closed then (platform/host/process.ts). */
export function startProgram(args: readonly string[], env: Record<string, string>, cwd = root): Program {
  const child = spawn(process.execPath, args, {
    cwd,
    env: {
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'),
      ...Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that a program and what it started can be ended together.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${process.execPath}`);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return {
    pid,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    ended: endOf(child),
    kill: (signal) => void child.kill(signal),
    tell: (message) => void child.send(message),
    killAll: () => endGroup(pid),
  };
}

/** Kills a process group, if anything of it still runs. */
export function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}

/** A port that nobody listens on, below those that the system hands out, so that nobody is given it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

export const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

export interface Patience {
  withinMs?: number;
  everyMs?: number;
  /** What to add when it was in vain. */
  explain?(): string;
}

/** Asks again until there is an answer. Throws with what `explain` says when there is none in time. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { withinMs = 15_000, everyMs = 20, explain = () => '' }: Patience = {},
): Promise<T> {
  const giveUpMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpMs) throw new Error(`${what}: not within ${withinMs} ms ${explain()}`);
    await sleep(everyMs);
  }
}
