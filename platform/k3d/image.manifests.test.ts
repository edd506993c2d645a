import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { functionNames } from '../host/config.ts';

const run = promisify(execFile);
let folder: string;
let files: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-image-'));
  await run(fileURLToPath(new URL('image.sh', import.meta.url)), [folder, String(process.getuid?.())]);
  files = await readdir(folder, { recursive: true });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('has no tests, no packages of development and no second Node, and is small', async () => {
  const packages = new Set(
    files.filter((file) => /^node_modules\/[^@/.][^/]*$/.test(file)).map((file) => file.slice(13)),
  );
  expect([...packages]).toEqual(expect.arrayContaining(['express', 'zod', 'pino', 'obd2-pid-decoder']));
  expect(
    [...packages].filter((name) => /^(vitest|typescript|cloudevents|fast-check|node-.*-(x|arm)64)$/.test(name)),
  ).toEqual([]);
  expect(files.filter((file) => !file.startsWith('node_modules/') && /\.test\.ts$|\/testing\//.test(file))).toEqual([]);
  // Beside a Node of 121 MB and the base of the image, 250 MB in all.
  expect(Number((await run('du', ['-sm', folder])).stdout.split('\t')[0])).toBeLessThan(60);
});

it.each(functionNames)('starts %s from what was compiled beforehand', async (name) => {
  const containerfile = await readFile(new URL('Containerfile', import.meta.url), 'utf8');
  const [, ...command] = JSON.parse(/^CMD (.*)$/m.exec(containerfile)?.[1] ?? '[]') as string[];
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: {
      FUNCTION: name,
      STORE: 'influx',
      INFLUX_URL: 'http://127.0.0.1:9',
      INFLUX_TOKEN: 'none',
      PORT: '0',
      NODE_COMPILE_CACHE: join(folder, '.cache', 'compile'),
      NODE_COMPILE_CACHE_PORTABLE: '1',
      NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lookups = { hit: 0, miss: 0 };
  let listening = false;
  for await (const line of createInterface(child.stderr)) {
    if (line.includes('reading cache from')) lookups[line.includes('success') ? 'hit' : 'miss'] += 1;
    listening = line.includes('"listening"');
    if (listening) break;
  }
  child.kill('SIGKILL');
  expect(listening).toBe(true);
  expect(lookups.hit).toBeGreaterThan(100);
  // A line of the log may come between the halves of such a line.
  expect(lookups.miss).toBeLessThan(3);
});
