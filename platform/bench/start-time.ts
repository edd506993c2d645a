import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createBenchFolder } from './data-folder.ts';
import { cleanEnv, freePort } from './measured-process.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface StartFigures {
  runs: number;
  /** From starting node with platform/entry.js to the first 202. */
  firstAckMs: Spread;
}

const tryEveryMs = 5;
const withinMs = 30_000;

/** What `npm start` does, npm apart, on a data folder that has been used before. */
export async function measureStart(runs: number): Promise<StartFigures> {
  const folder = await createBenchFolder();
  try {
    // The first one fills the compile cache and makes the store.
    await firstAckMs(folder.token, folder.env);
    const measured: number[] = [];
    for (let i = 0; i < runs; i++) measured.push(await firstAckMs(folder.token, folder.env));
    return { runs, firstAckMs: spreadOf(measured) };
  } finally {
    folder.remove();
  }
}

async function firstAckMs(token: string, settings: Record<string, string>): Promise<number> {
  const [port, internalPort] = [await freePort(), await freePort()];
  const entry = fileURLToPath(new URL('../entry.js', import.meta.url));
  const ports = { PORT: String(port), INTERNAL_PORT: String(internalPort) };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [entry, 'start'], {
    env: { ...cleanEnv(), ...settings, ...ports, FLEET_DEMO: 'off' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    while (!(await isAcked(port, token))) {
      if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
      if (performance.now() - startedAt > withinMs) throw new Error(`there was no 202 within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, tryEveryMs));
    }
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function isAcked(port: number, token: string): Promise<boolean> {
  const body = JSON.stringify({ vehicle: 'car-1', time: new Date().toISOString(), speedKmh: 50 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}/ingest`, { method: 'POST', headers, body }).catch(() => null);
  await response?.arrayBuffer();
  return response?.status === 202;
}
