import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { provision } from '../influx/provision.ts';

const builder = fileURLToPath(new URL('../../../../../shared/real/influxd.sh', import.meta.url));

const howTo = `no influxd: put one (InfluxDB 2.7) on PATH, or name it with INFLUXD=/path/to/influxd; where the checkout stands beside
../shared, ../shared/real/influxd.sh builds one. It is in the release archives and the image of https://github.com/influxdata/influxdb`;

/** One careless query can take all memory: these bounds are given to every influxd that the project starts. */
export const queryLimits = [
  '--query-concurrency=8',
  '--query-queue-size=64',
  '--query-initial-memory-bytes=16777216',
  '--query-memory-bytes=134217728',
  '--query-max-memory-bytes=536870912',
];

/** The token of the operator of an influxd that was started here. */
const operatorToken = 'operator-of-a-test';

/** A real influxd on a loopback port and a folder of its own. */
export interface Influxd {
  readonly url: string;
  readonly adminToken: string;
  readonly pid: number;
  /** An organisation with buckets and tokens, which nobody else has; `name` only where it matters. */
  newOrg(name?: string): Promise<InfluxOrg>;
  /** Ends it as a power cut would, for the process; its folder stays. */
  kill9(): Promise<void>;
  /** Starts it again on its folder and port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  dispose(): Promise<void>;
}

export interface InfluxOrg {
  url: string;
  org: string;
  /** May do everything. */
  token: string;
  /** By function, and `grafana`. */
  tokens: Record<string, string>;
}

/** Starts an influxd. Throws with how to get one where there is none. */
export async function startInfluxd(extra: readonly string[] = []): Promise<Influxd> {
  const binary = findInfluxd();
  const folder = await mkdtemp(join(tmpdir(), 'fleet-influxd-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let output = '';
  let orgs = 0;

  async function start(): Promise<void> {
    const args = [`--bolt-path=${join(folder, 'bolt')}`, `--engine-path=${join(folder, 'engine')}`];
    args.push(`--sqlite-path=${join(folder, 'sqlite')}`, `--http-bind-address=127.0.0.1:${port}`);
    args.push('--reporting-disabled', '--ui-disabled', '--no-tasks', '--log-level=error', ...queryLimits, ...extra);
    const started = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-10_000);
      });
    }
    process.once('exit', () => started.kill('SIGKILL'));
    for (const giveUpMs = Date.now() + 60_000; ; await sleep(50)) {
      const healthy = await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (healthy) return;
      if (started.exitCode !== null) throw new Error(`influxd ended: ${output}`);
      if (Date.now() > giveUpMs) throw new Error(`influxd is not ready after 60 s: ${output}`);
    }
  }

  async function kill9(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async function dispose(): Promise<void> {
    await kill9();
    await rm(folder, { recursive: true, force: true });
  }

  await start();
  return {
    url,
    adminToken: operatorToken,
    get pid() {
      return child?.pid as number;
    },
    async newOrg(name = `org-${process.pid}-${Date.now()}-${++orgs}`) {
      const password = 'a-password-of-a-test';
      const { tokens } = await provision({ url, org: name, adminToken: operatorToken, password });
      return { url, org: name, token: operatorToken, tokens };
    },
    kill9,
    start,
    dispose,
  };
}

/** The influxd to use: INFLUXD, PATH, or the one that ../shared builds. */
export function findInfluxd(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.INFLUXD;
  if (named !== undefined) {
    if (!isExecutable(named)) throw new Error(`INFLUXD names ${named}, which cannot be run; ${howTo}`);
    return named;
  }
  const found = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'influxd'));
  const onPath = found.find(isExecutable);
  if (onPath !== undefined) return onPath;
  if (!existsSync(builder)) throw new Error(howTo);
  const printed = execFileSync(builder, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return printed.trim().split('\n').at(-1) as string;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
