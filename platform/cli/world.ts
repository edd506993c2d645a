import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a command may use of the world; tests pass their own. Data goes to `out`, everything said about it to `err`. */
export interface World {
  env: Record<string, string | undefined>;
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` goes to a person who sees colours. */
  colour: boolean;
  /** Whether `err` goes to a terminal where a line can be written over. */
  progress: boolean;
  /** The text of a file, or of standard input for `-`. */
  read(path: string): Promise<string>;
  /** What a person answers on the terminal; undefined where there is none. */
  ask(question: string): Promise<string | undefined>;
  now(): number;
  sleep(ms: number): Promise<void>;
  fetch: typeof fetch;
}

export function processWorld(env: Record<string, string | undefined>): World {
  const { stdout, stderr, stdin } = process;
  // `fleet trips | head` closes the pipe early: that is how it is used, not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    env,
    out: (chunk) => void stdout.write(chunk),
    err: (chunk) => void stderr.write(chunk),
    // https://no-color.org: present and not empty.
    colour: stdout.isTTY === true && !env.NO_COLOR,
    progress: stderr.isTTY === true,
    read: (path) => (path === '-' ? text(stdin) : readFile(path, 'utf8')),
    ask: (question) => (stdin.isTTY && stderr.isTTY ? askOn(question) : Promise.resolve(undefined)),
    now: Date.now,
    sleep: (ms) => sleep(ms),
    fetch,
  };
}

/** An end of the input answers nothing, which is no consent. */
async function askOn(question: string): Promise<string> {
  const { stdin: input, stderr: output } = process;
  const lines = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
