import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../functions/lib/store/sqlite.ts';
import { type DataFolder, storeFile, takeDataFolder } from '../host/data-folder.ts';
import type { Finding } from './doctor/finding.ts';
import { exitCodes } from './exit.ts';
import { deadUrl, run, serve } from './test-world.ts';

let folder: string;
let down: string;
const nowMs = Date.now();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  down = await deadUrl();
});
afterEach(() => rm(folder, { recursive: true }));

const doctor = (env: Record<string, string> = {}, ...argv: string[]) =>
  run(['doctor', ...argv], { FLEET_DATA: folder, FLEET_URL: down, PORT: '0', INTERNAL_PORT: '0', ...env });
async function problems(env: Record<string, string> = {}): Promise<string[]> {
  const { out } = await doctor(env, '--json');
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return findings.filter(({ level }) => level === 'problem').map(({ check, says }) => `${check}: ${says}`);
}
async function withStore(work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<unknown>) {
  const store = await openSqliteStore({ path: storeFile(folder) });
  await work(store);
  await store.close();
}
const append = (timeMs = nowMs, receivedMs = nowMs) =>
  withStore((store) =>
    store.append([{ vehicle: 'car-1', samples: [{ timeMs, device: 'main', speedKmh: 1 }] }], receivedMs),
  );

test('a new machine has hints and no problems, with exit code 0', async () => {
  const { code, out, err } = await doctor({ FLEET_DATA: join(folder, 'new') });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^ok {6}settings: can be used\nhint {4}server: http.* does not answer\n {8}→ npm start\n/);
  expect(out).toContain('hint    tokens: no token may send\n        → fleet token create --vehicle car-1\n');
});

test('a server that is up, with its store in use, is healthy', async () => {
  await append();
  const { url, close } = await serve(() => ({ status: 200, body: '{}' }));
  const held: DataFolder = takeDataFolder(folder);
  onTestFinished(async () => {
    held.release();
    await close();
  });
  const { code, out } = await doctor({ FLEET_URL: url }, '--json');
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, healthy: true });
  expect(out).toContain('is ready');
  expect(out).toContain('whole, ');
});

test('a server that is not ready, or on another folder, is a problem', async () => {
  await append();
  const { url, close } = await serve(() => ({ status: 503, body: 'disk full' }));
  onTestFinished(close);
  expect(await problems({ FLEET_URL: url })).toEqual([
    `server: ${url} is not ready: disk full`,
    `server: ${url} has another data folder than this`,
  ]);
  expect((await doctor({ FLEET_URL: url })).code).toBe(exitCodes.unhealthy);
});

test('a folder that another process has while nobody answers is said', async () => {
  const held = takeDataFolder(folder);
  const { out } = await doctor();
  held.release();
  expect(out).toContain('a process has the data folder\n        → name its PORT');
});

test('a port that is taken is a problem', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  expect(await problems({ PORT: String(port) })).toEqual([`ports: ${port} is taken by another program`]);
});

test('settings that cannot be used are named', async () => {
  await writeFile(join(folder, 'config.yaml'), 'trips: { fleet: { idleTimeoutS: -1 } }\n');
  const [only, ...more] = await problems();
  expect(more).toEqual([]);
  expect(only).toMatch(/^settings: .*config\.yaml: trips\.fleet\.idleTimeoutS/);
  expect(await problems({ FLEET_DATE: 'x' })).toEqual([expect.stringContaining('FLEET_DATE is not a setting')]);
});

test('a damaged store, and one that is none, are problems', async () => {
  await append();
  await withStore(async (store) => {
    const samples = Array.from({ length: 3_000 }, (_, i) => ({ timeMs: nowMs - i, device: 'main', driver: `d ${i}` }));
    await store.append([{ vehicle: 'car-1', samples }], nowMs);
  });
  const bytes = await readFile(storeFile(folder));
  await writeFile(storeFile(folder), Buffer.concat([bytes.subarray(0, -40_960), Buffer.alloc(40_960, 7)]));
  expect(await problems()).toEqual([expect.stringMatching(/^store: (SQLite finds it damaged|.* cannot be read)/)]);
  await writeFile(storeFile(folder), 'no database '.repeat(1_000));
  expect(await problems()).toEqual([expect.stringMatching(/^store: .* cannot be read/)]);
});

test('a clock behind the receipts, dead letters and erasures ahead of the clock are found in the store', async () => {
  await append(nowMs - 60_000, nowMs + 7_200_000);
  await append(nowMs, nowMs);
  await withStore(async (store) => {
    const event = { specversion: '1.0', id: '1', source: '/x', type: 't', subject: 'car-2' } as const;
    await store.putDeadLetter({ event, destination: '/enrich', code: 422, reason: 'no\u001b[2Jrange' }, nowMs);
    await store.eraseVehicle('car-3', nowMs + 3_600_000);
    // As of a car whose clock is ahead: its tombstone is right where it is.
    await store.eraseVehicle('car-4', nowMs + 240_000);
  });
  expect(await problems()).toEqual([
    expect.stringMatching(/^clock: it is 2 h behind the newest receipt/),
    expect.stringMatching(/^clock: car-3 was erased by a clock that was ahead/),
    expect.stringMatching(/^dead letters: 1, the latest/),
  ]);
  const { code, out, err } = await doctor();
  expect({ code, err }).toEqual({ code: exitCodes.unhealthy, err: 'fleet: 3 problems\n' });
  expect(out).toContain('clock: it was set back by 2 h');
  expect(out).not.toContain('\u001b');
});

test('files that others may read or write are problems', { skip: process.platform === 'win32' }, async () => {
  await append();
  await writeFile(join(folder, 'tokens.json'), '{"tokens":[]}');
  await chmod(join(folder, 'tokens.json'), 0o644);
  await chmod(storeFile(folder), 0o640);
  await chmod(folder, 0o777);
  expect(await problems()).toEqual([
    `permissions: ${folder} can be written by others`,
    `permissions: ${join(folder, 'tokens.json')} is open to others`,
    `permissions: ${storeFile(folder)} is open to others`,
  ]);
  await chmod(storeFile(folder), 0o600);
  await writeFile(join(folder, 'tokens.json'), '{');
  await chmod(join(folder, 'tokens.json'), 0o600);
  await chmod(folder, 0o700);
  expect(await problems()).toEqual([`tokens: ${join(folder, 'tokens.json')}: not JSON`]);
});

test('a data folder that is a file is a problem', async () => {
  await mkdir(join(folder, 'd'));
  await writeFile(join(folder, 'd', 'file'), '');
  expect(await problems({ FLEET_DATA: join(folder, 'd', 'file') })).toContainEqual(
    expect.stringMatching(/^data folder: .* is no folder/),
  );
});
