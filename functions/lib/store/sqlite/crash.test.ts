import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAll, receiptsOf } from '../contract/fixtures.ts';
import { openSqliteStore } from '../sqlite.ts';

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
const rounds = 10;
const startMs = Date.parse('2026-03-01T23:59:59.500Z');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('keeps every acknowledged sample once, with a receipt, wherever the process is killed', {
  timeout: 60_000,
}, async () => {
  const path = join(folder, 'fleet.db');
  const acknowledged = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    const lines = await appendUntilKilled(path, startMs + round * 1_000_000, killDelayMs(round));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const [vehicle, timeMs] = line.split(' ') as [string, string];
      acknowledged.set(vehicle, [...(acknowledged.get(vehicle) ?? []), Number(timeMs)]);
    }
    const store = await openSqliteStore({ path });
    for (const [vehicle, times] of acknowledged) {
      const stored = (await readAll(store, vehicle)).map((sample) => sample.timeMs);
      const distinct = new Set(stored);
      expect(distinct.size).toBe(stored.length);
      expect(times.filter((timeMs) => !distinct.has(timeMs))).toEqual([]);
      const receipts = await receiptsOf(store, vehicle);
      const uncovered = stored.filter((timeMs) => !receipts.some((r) => r.fromMs <= timeMs && timeMs <= r.toMs));
      expect(uncovered).toEqual([]);
    }
    await store.close();
  }
});

/** Runs the writer and kills it so long after its first acknowledgement; answers the lines it got out whole. */
async function appendUntilKilled(path: string, fromMs: number, delayMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, String(fromMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child.stdout, 'data');
  await sleep(delayMs);
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

/** Between 0 and 120 ms, spread evenly and the same in every run (multiples of the golden ratio). */
function killDelayMs(round: number): number {
  return ((round * 0.618_033_988_75) % 1) * 120;
}
