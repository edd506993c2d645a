import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { openSqliteStore } from '../../functions/lib/store/sqlite.ts';
import { storeFile, takeDataFolder } from '../host/data-folder.ts';
import { exitCodes } from './exit.ts';
import { putAside } from './restore.ts';
import { run } from './test-world.ts';

let folder: string;
let file: string;
const nowMs = Date.now();
const [home, away] = ['home', 'away'];
const fleet = (where: string, ...argv: string[]) =>
  run(argv, { FLEET_DATA: join(folder, where), FLEET_URL: 'http://127.0.0.1:9' }, { now: () => nowMs });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  file = join(folder, 'a.backup');
  await mkdir(join(folder, home));
  await append(home, 'car-1', 'car-2');
});
afterEach(() => rm(folder, { recursive: true }));

async function withStore<T>(where: string, work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>) {
  const store = await openSqliteStore({ path: storeFile(join(folder, where)) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
const append = (where: string, ...vehicles: string[]) =>
  withStore(where, (store) =>
    store.append(
      vehicles.map((vehicle) => ({ vehicle, samples: [{ timeMs: nowMs - 1_000, device: 'main', speedKmh: 50 }] })),
      nowMs,
    ),
  );
const vehiclesOf = (where: string) =>
  withStore(where, async (store) => (await store.listVehicles(9)).map(({ vehicle }) => vehicle));

test('a backup is restored elsewhere, tokens and settings with it', async () => {
  const token = (await fleet(home, 'token', 'create', '--vehicle', 'car-1')).out.trim();
  await writeFile(join(folder, home, 'config.yaml'), 'ingest: { requestsPerMinute: 7 }\n');
  const made = await fleet(home, 'backup', file);
  expect(made).toMatchObject({ code: 0, out: '' });
  expect(made.err).toContain('2 samples of 2 vehicles, 0 trips, with tokens.json, config.yaml; read again');
  await chmod(file, 0o644);
  expect(await fleet(away, 'restore', file)).toMatchObject({ code: 0, out: '' });
  expect((await stat(storeFile(join(folder, away)))).mode & 0o777).toBe(0o600);
  expect(await vehiclesOf(away)).toEqual(['car-1', 'car-2']);
  const tokens = openTokenFile(join(folder, away, 'tokens.json'), { now: Date.now });
  expect(tokens.find(token)).toMatchObject({ vehicles: ['car-1'] });
  expect(await readFile(join(folder, away, 'config.yaml'), 'utf8')).toContain('requestsPerMinute: 7');
  expect((await readdir(join(folder, away))).filter((name) => !name.startsWith('lock')).sort()).toEqual([
    'config.yaml',
    'fleet.sqlite',
    'tokens.json',
  ]);
});

test('neither command overwrites what is there', async () => {
  await fleet(home, 'backup', file);
  expect(await fleet(home, 'backup', file)).toMatchObject({ code: exitCodes.usage });
  expect(await fleet(home, 'restore', file)).toMatchObject({
    code: exitCodes.usage,
    err: expect.stringContaining('not empty'),
  });
  await fleet(away, 'token', 'create', '--vehicle', 'car-9');
  expect(await fleet(away, 'restore', file)).toMatchObject({ code: exitCodes.usage });
  expect(existsSync(storeFile(join(folder, away)))).toBe(false);
});

test('with --force the store that was there is put aside whole, and tokens and settings stay as they are', async () => {
  await fleet(home, 'token', 'create', '--vehicle', 'car-1');
  await fleet(home, 'backup', file);
  await append(home, 'car-3');
  const { out: later } = await fleet(home, 'token', 'create', '--vehicle', 'car-2');
  const { code, err } = await fleet(home, 'restore', file, '--force');
  expect(code).toBe(0);
  expect(await vehiclesOf(home)).toEqual(['car-1', 'car-2']);
  expect(openTokenFile(join(folder, home, 'tokens.json'), { now: Date.now }).find(later.trim())).toBeDefined();
  const aside = /what was there is (\S+),/.exec(err)?.[1] as string;
  const old = await openSqliteStore({ path: aside });
  expect((await old.listVehicles(9)).map(({ vehicle }) => vehicle)).toEqual(['car-1', 'car-2', 'car-3']);
  await old.close();
});

test('what was erased after the backup stays erased when it is restored over that folder', async () => {
  await fleet(home, 'backup', file);
  expect(await fleet(home, 'erase', '--vehicle', 'car-1', '--yes')).toMatchObject({ code: 0 });
  expect((await fleet(home, 'restore', file, '--force')).err).toContain('erased again: car-1\n');
  expect(await vehiclesOf(home)).toEqual(['car-2']);
  expect(await withStore(home, (store) => store.listErasures())).toEqual([{ vehicle: 'car-1', untilMs: nowMs }]);
});

test('who was killed while the store was put aside still finds its tombstones', async () => {
  await fleet(home, 'backup', file);
  await fleet(home, 'erase', '--vehicle', 'car-1', '--yes');
  await putAside(storeFile(join(folder, home)), nowMs - 1);
  expect((await fleet(home, 'restore', file, '--force')).err).toContain('erased again: car-1\n');
  expect(await vehiclesOf(home)).toEqual(['car-2']);
});

test.each(['fleet.sqlite-wal', 'fleet.sqlite.restored-wal'])(
  'a log that was left alone, %s, is not taken for that of the backup',
  async (name) => {
    await fleet(home, 'backup', file);
    await mkdir(join(folder, away));
    const other = await openSqliteStore({ path: join(folder, 'other') });
    for (const vehicle of ['car-8', 'car-9']) {
      await other.append([{ vehicle, samples: [{ timeMs: nowMs, device: 'main', speedKmh: 1 }] }], nowMs);
    }
    await copyFile(join(folder, 'other-wal'), join(folder, away, name));
    await other.close();
    expect(await fleet(away, 'restore', file)).toMatchObject({ code: 0 });
    expect(await vehiclesOf(away)).toEqual(['car-1', 'car-2']);
  },
);

test('a backup into a folder that is not there is refused by its name', async () => {
  const nowhere = join(folder, 'nowhere');
  expect(await fleet(home, 'backup', join(nowhere, 'x'))).toMatchObject({
    code: exitCodes.usage,
    err: `fleet: there is no folder ${nowhere}\n`,
  });
});

test('restore refuses a folder in use, a file that is none, and then changes nothing', async () => {
  await fleet(home, 'backup', file);
  const { release } = takeDataFolder(join(folder, home));
  expect((await fleet(home, 'restore', file, '--force')).code).toBe(exitCodes.config);
  release();
  expect((await fleet(home, 'restore', join(folder, 'nowhere'), '--force')).code).toBe(exitCodes.noInput);
  await writeFile(join(folder, 'bad'), (await readFile(file)).subarray(0, 20_000));
  expect(await fleet(home, 'restore', join(folder, 'bad'), '--force')).toMatchObject({
    code: exitCodes.data,
    err: expect.stringContaining(join(folder, 'bad')),
  });
  expect(await vehiclesOf(home)).toEqual(['car-1', 'car-2']);
  expect((await fleet('empty', 'backup', join(folder, 'b'))).code).toBe(exitCodes.noInput);
});

test('a store that cannot be read is replaced, and it is said that its erasures are not known', async () => {
  await fleet(home, 'backup', file);
  await writeFile(storeFile(join(folder, home)), 'rubbish'.repeat(1_000));
  const { code, err } = await fleet(home, 'restore', file, '--force');
  expect(code).toBe(0);
  expect(err).toContain('must be erased again by hand');
  expect(await vehiclesOf(home)).toEqual(['car-1', 'car-2']);
});

test('where the store is InfluxDB, no file of an earlier one is taken for it', async () => {
  const env = { FLEET_DATA: join(folder, home), FLEET_URL: 'http://127.0.0.1:9', STORE: 'influx' };
  for (const argv of [
    ['backup', file],
    ['restore', file, '--force'],
    ['erase', '--vehicle', 'car-1', '--yes'],
  ]) {
    expect(await run(argv, env)).toMatchObject({ code: exitCodes.config, err: expect.stringContaining('InfluxDB') });
  }
  expect(await vehiclesOf(home)).toEqual(['car-1', 'car-2']);
});
