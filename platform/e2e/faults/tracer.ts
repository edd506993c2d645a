import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { eventually } from '../program.ts';

/** Whether this machine lets processes be traced; where not, tests that need it are skipped, and say why. */
export const canTrace = spawnSync('strace', ['-f', 'true']).status === 0;

export interface Tracer {
  /** The system calls seen so far, a line each. */
  calls(): string[];
  /** Lets the process go on untouched. */
  detach(): Promise<void>;
}

/** Attaches strace to all threads of a running process: `-e trace=…`, `-e inject=…`, `-P path`. */
export async function attachTracer(pid: number, output: string, options: readonly string[]): Promise<Tracer> {
  const child = spawn('strace', ['-f', '-y', '-s', '48', '-o', output, ...options, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGINT');
    await ended;
  });
  await eventually('strace', async () => /attached/.test(said) || undefined, { explain: () => said });
  return {
    calls: () => readFileSync(output, 'utf8').split('\n').slice(0, -1),
    async detach() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
