import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { temporaryFolder } from '../server.ts';

/** The command lines of operators: `kn` and `kubectl`, where they are on the PATH. */
export type Tool = 'kn' | 'kubectl';

/** CI builds them and says so: then it is a failure when they are not there. */
const required = process.env.REAL_CLIENTS === 'required';

/** Skips the test that calls this, saying why, where a tool is not there. Throws instead where it has to be. */
export function need(tool: Tool, { skip }: Pick<TestContext, 'skip'>): void {
  if (isThere(tool)) return;
  const reason = `skipped: there is no ${tool} on the PATH (.ci/tools builds it from Go modules)`;
  if (required) throw new Error(reason);
  console.warn(reason);
  skip(reason);
}

function isThere(tool: Tool): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Shell {
  /** Standard output, or what it failed with: `error` holds standard error then. */
  run(tool: Tool, ...args: string[]): Promise<{ stdout: string; error: string | undefined }>;
  /** Starts one that goes on; answers what it has printed so far. It ends with the test. */
  follow(tool: Tool, ...args: string[]): () => string;
}

/** Runs tools as an operator does who has exported the kubeconfig of a data folder. */
export async function aShell(dataDir: string): Promise<Shell> {
  // Caches of discovery are by port: those of another test would be for this one.
  const home = await temporaryFolder();
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(dataDir, 'kubeconfig') };
  return {
    run: (tool, ...args) =>
      new Promise((resolve) => {
        execFile(tool, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
          resolve({ stdout, error: error === null ? undefined : stderr || error.message }),
        );
      }),
    follow(tool, ...args) {
      const child = spawn(tool, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill());
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      return () => text;
    },
  };
}

/** A table as these tools print it: its header, and a row as a record by the header's names. */
export function readTable(text: string): { header: string[]; rows: Record<string, string>[] } {
  const [first = '', ...lines] = text.trimEnd().split('\n');
  // Columns are told apart by their beginnings in the header: cells may be empty, and hold single spaces.
  const starts = [...first.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, index }));
  const cell = (line: string, column: number) =>
    line.slice(starts[column]?.index, starts[column + 1]?.index ?? line.length).trim();
  return {
    header: starts.map(({ name }) => name),
    rows: lines.map((line) => Object.fromEntries(starts.map(({ name }, column) => [name, cell(line, column)]))),
  };
}
