import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';

const howTo = `no prometheus: put prometheus and promtool on PATH. On Debian: apt-get install --no-install-recommends prometheus;
elsewhere they are in the release archives and the image of https://github.com/prometheus/prometheus`;

/** How often it scrapes, s. */
export const scrapeS = 1;

/** A series of an answer: its labels, and its values at the instants asked for. */
export interface Series {
  metric: Record<string, string>;
  values: [timeS: number, value: string][];
}

/** A real Prometheus on a loopback port and a folder of its own. */
export interface Prometheus {
  /** As a panel asks. Rejects with what Prometheus says of the query. */
  queryRange(promql: string, startMs: number, endMs: number): Promise<Series[]>;
  /** As a variable asks. */
  labelValues(label: string, match: string): Promise<string[]>;
  dispose(): Promise<void>;
}

/** Starts a Prometheus that scrapes. Throws with how to get one where there is none. */
export async function startPrometheus(scrapes: readonly object[], port: number): Promise<Prometheus> {
  promtool(['--version']);
  const folder = await mkdtemp(join(tmpdir(), 'fleet-prometheus-'));
  const file = join(folder, 'prometheus.yaml');
  const global = { scrape_interval: `${scrapeS}s`, scrape_timeout: `${scrapeS}s` };
  await writeFile(file, stringify({ global, scrape_configs: scrapes }));
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    'prometheus',
    [
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-10_000);
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const dispose = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  for (const giveUpMs = Date.now() + 60_000; ; await sleep(50)) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode === null && Date.now() < giveUpMs) continue;
    await dispose();
    throw new Error(`prometheus is not ready: ${output}`);
  }
  return {
    dispose,
    async queryRange(query, startMs, endMs) {
      const range = { start: String(startMs / 1_000), end: String(endMs / 1_000), step: String(scrapeS) };
      const { result } = await ask<{ result: Series[] }>(`${url}/api/v1/query_range`, { query, ...range });
      return result;
    },
    labelValues: (label, match) => ask(`${url}/api/v1/label/${label}/values`, { 'match[]': match }),
  };
}

/** Throws what promtool finds wrong with an exposition. */
export function checkMetrics(exposition: string): void {
  promtool(['check', 'metrics'], exposition);
}

/** It comes with Prometheus. Throws what it says, or how to get it. */
function promtool(args: string[], input?: string): void {
  try {
    execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe', ...(input !== undefined && { input }) });
  } catch (cause) {
    const { code, stdout = '', stderr = '' } = cause as { code?: string; stdout?: string; stderr?: string };
    throw new Error(code === 'ENOENT' ? howTo : `promtool ${args.join(' ')}: ${stdout}${stderr}`, { cause });
  }
}

async function ask<T>(url: string, parameters: Record<string, string>): Promise<T> {
  const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`);
  const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`${error}\n${Object.values(parameters)[0]}`);
  return data;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
