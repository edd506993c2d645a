import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuthenticator } from '../../functions/lib/auth/authenticator.ts';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { openSqliteStore } from '../../functions/lib/store/sqlite.ts';
import { drive, nowMs, openTestApi, type TestApi, trip } from '../../functions/query/test-api.ts';
import { storeFile, takeDataFolder } from '../host/data-folder.ts';
import { exitCodes } from './exit.ts';
import { deadUrl, type Run, run, serve } from './test-world.ts';

/** The commands against the real read API with a real token file, as they meet on a laptop. */
let folder: string;
let api: TestApi;
let server: Awaited<ReturnType<typeof serve>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const tokens = openTokenFile(join(folder, 'tokens.json'), { now: Date.now });
  api = await openTestApi({ auth: createAuthenticator(tokens) });
  server = await serve(async ({ method, path, authorization }) => {
    const { status, headers, body } = await api.call(path, {
      method,
      ...(authorization !== undefined && { authorization }),
    });
    return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
  });
  await api.store.append(
    ['car-1', 'demo-1', 'demo-2'].map((vehicle) => ({ vehicle, samples: drive(20) })),
    nowMs,
  );
  await api.store.writeTrips([trip('car-1', nowMs - 3_600_000)], [], await api.guard('car-1'));
  await api.store.rollUp('1m', 'car-1', nowMs - 3_600_000, nowMs);
});
afterEach(async () => {
  await server.close();
  await api.close();
  await rm(folder, { recursive: true });
});

const fleet = (argv: string[], env: Record<string, string> = {}): Promise<Run> =>
  run(argv, { FLEET_URL: server.url, FLEET_DATA: folder, ...env }, { now: () => nowMs });
/** The clock of tokens is the real one. */
const admin = (argv: string[], env: Record<string, string> = {}) =>
  run(argv, { FLEET_URL: server.url, FLEET_DATA: folder, ...env });
const tokenRecords = async () =>
  JSON.parse(await readFile(join(folder, 'tokens.json'), 'utf8')).tokens as { label?: string }[];

test('lists are tables for people', async () => {
  expect((await fleet(['vehicles'])).out).toMatch(
    /^VEHICLE +STATE +LAST SEEN +SPEED .*\ncar-1 +moving +10 s ago +50 km\/h/,
  );
  expect((await fleet(['trips'])).out).toMatch(
    /^VEHICLE +STARTED .*\ncar-1 +2026-03-10 11:00:00Z +ended +10 min +7\.5 km +45 km\/h/,
  );
  expect((await fleet(['rollups', '--tier', '1m'])).out).toMatch(
    /^VEHICLE +WINDOW .*\ncar-1 +2026-03-10 11:59:00Z +20 +50\.0 km\/h/,
  );
  expect((await fleet(['status'])).out).toMatch(
    /^vehicles +3: 3 moving\ntrips +3 pending.*\nrollups +3 pending.*\ndead letters +0\n$/,
  );
});

test('vehicles that are silent have a position and its age, and no speed', async () => {
  await api.store.append([{ vehicle: 'car-2', samples: drive(20, { lastAgoS: 1_200 }) }], nowMs);
  const endPosition = { latitude: 48.1374, longitude: 11.5755 };
  await api.store.writeTrips([trip('car-2', nowMs - 2_400_000, { endPosition })], [], await api.guard('car-2'));
  const { out } = await fleet(['vehicles']);
  expect(out).toMatch(/ SPEED +LATITUDE +LONGITUDE +LOCATED +FUEL\n/);
  expect(out).toMatch(/\ncar-2 +offline +20 min ago +– +48\.13740 ° +11\.57550 ° +30 min ago +–\n/);
});

test('--json is what the API answers, and nothing else is on stdout', async () => {
  for (const [argv, path] of [
    [['vehicles'], '/api/vehicles'],
    [['trips', '--vehicle', 'car-1'], '/api/trips?vehicle=car-1'],
    [['rollups', '--tier', '1m'], '/api/rollups?tier=1m'],
    [['status'], '/api/status'],
  ] as const) {
    const { code, out, err } = await fleet([...argv, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual((await api.call(path)).body);
  }
});

test('a duration in --from is so long before now', async () => {
  expect((await fleet(['trips', '--from', '30m'])).out).toBe('');
  expect((await fleet(['trips', '--from', '55m'])).out).toContain('car-1');
});

test.each(['--from', '--to'])('%s takes a time or a duration, and says so of anything else', async (option) => {
  for (const text of ['yesterday', '2026-03-10', '24']) {
    expect(await fleet(['trips', option, text])).toMatchObject({
      code: exitCodes.usage,
      err: `fleet: ${option} ${text}: give a time as 2026-03-10T12:00:00Z, or a duration before now as 24h\n`,
    });
  }
  expect((await fleet(['trips', option, '2026-03-10T11:00:00+01:00'])).code).toBe(0);
});

test('a list that goes on says how', async () => {
  const { out, err } = await fleet(['vehicles', '--limit', '2']);
  expect(out.split('\n')).toHaveLength(4);
  const cursor = /--cursor (\S+)/.exec(err)?.[1] ?? '';
  expect((await fleet(['vehicles', '--cursor', cursor])).out).toMatch(/\ndemo-2 /);
});

test('dead letters are listed, shown and replayed with a token made for the call and revoked after it', async () => {
  for (const id of ['e1', 'e2']) {
    await api.store.putDeadLetter(
      {
        event: { specversion: '1.0', id, source: '/x', type: 'fleet.telemetry.accepted', subject: 'car-1' },
        destination: 'enrich',
        code: 500,
        reason: 'broken',
      },
      nowMs - 1_000,
    );
  }
  const listed = await admin(['dead-letters', 'list']);
  expect(listed.out).toMatch(/^ID +LAST +TYPE .*\n[0-9a-f]{16} .* 500 +1 +broken\n/);
  const { deadLetters } = JSON.parse((await admin(['dead-letters', 'list', '--json'])).out) as {
    deadLetters: { id: string }[];
  };
  const id = deadLetters[0]?.id as string;
  expect(JSON.parse((await admin(['dead-letters', 'show', id])).out)).toMatchObject({ id, event: { source: '/x' } });
  expect(await admin(['dead-letters', 'replay', id])).toMatchObject({ code: 0, out: '', err: '1 replayed\n' });
  expect(await admin(['dead-letters', 'replay', '--all'])).toMatchObject({ code: 0, err: '1 replayed\n' });
  expect(api.published.map((event) => event.id).sort()).toEqual(['e1', 'e2']);
  expect(await admin(['dead-letters', 'list'])).toMatchObject({ code: 0, out: '', err: 'no dead letters\n' });
  expect((await admin(['dead-letters', 'show', 'nothing'])).code).toBe(exitCodes.data);
  expect(await tokenRecords()).toEqual([]);
});

test('an admin command uses the token it is given, and needs one where the data folder is not at hand', async () => {
  const { out } = await admin(['token', 'create', '--vehicle', '*', '--scope', 'read']);
  expect((await admin(['dead-letters', 'list', '--token', out.trim()])).code).toBe(exitCodes.auth);
  const elsewhere = await admin(['dead-letters', 'list'], { FLEET_DATA: join(folder, 'nowhere') });
  expect(elsewhere).toMatchObject({ code: exitCodes.auth, err: expect.stringContaining('scope admin') });
});

test('demo clear revokes the tokens of the demo and erases its cars, and no others', async () => {
  await admin(['token', 'create', '--vehicle', 'demo-1', '--label', 'demo']);
  await admin(['token', 'create', '--vehicle', 'car-1', '--label', 'mine']);
  expect(await admin(['demo', 'clear'])).toMatchObject({ code: 0, out: '', err: '2 demo vehicles erased\n' });
  expect((await api.store.listVehicles(10)).map(({ vehicle }) => vehicle)).toEqual(['car-1']);
  expect((await tokenRecords()).map(({ label }) => label)).toEqual(['mine']);
  expect((await admin(['demo', 'clear'])).err).toBe('0 demo vehicles erased\n');
});

test('demo clear works on the store itself when the server is down', async () => {
  const open = () => openSqliteStore({ path: storeFile(folder) });
  const store = await open();
  await store.append(
    ['car-1', 'demo-1'].map((vehicle) => ({ vehicle, samples: drive(3) })),
    nowMs,
  );
  await store.close();
  const { release } = takeDataFolder(folder);
  const inUse = await admin(['demo', 'clear'], { FLEET_URL: await deadUrl() });
  expect(inUse).toMatchObject({ code: exitCodes.config, err: expect.stringContaining('in use') });
  release();
  const cleared = await admin(['demo', 'clear'], { FLEET_URL: await deadUrl() });
  expect(cleared).toMatchObject({ code: 0, err: '1 demo vehicles erased\n' });
  const after = await open();
  expect((await after.listVehicles(10)).map(({ vehicle }) => vehicle)).toEqual(['car-1']);
  await after.close();
});

test('erase asks first, erases by the server, and names the tokens that may begin anew', async () => {
  await admin(['token', 'create', '--vehicle', 'car-1', '--label', 'mine']);
  const erase = (answer: string | undefined, ...more: string[]) =>
    run(
      ['erase', '--vehicle', 'car-1', ...more],
      { FLEET_URL: server.url, FLEET_DATA: folder },
      { ask: async () => answer },
    );
  for (const answer of [undefined, '', 'no', 'yesterday']) {
    expect(await erase(answer)).toMatchObject({ code: exitCodes.usage, out: '' });
  }
  expect(await api.store.readVehicle('car-1')).toBeDefined();
  const { code, err } = await erase('y');
  expect(code).toBe(0);
  expect(err).toMatch(/^car-1 erased: 20 samples .*; what it sends of up to 2026-03-10 12:00:00Z is refused\n/);
  expect(err).toMatch(/\nthe token [0-9a-f]{12} \(mine\) may still send for car-1: fleet token revoke [0-9a-f]{12}\n$/);
  expect(await api.store.listErasures()).toEqual([{ vehicle: 'car-1', untilMs: nowMs }]);
  expect((await erase(undefined, '--yes', '--no-tombstone')).err).toMatch(/^car-1 erased: 0 samples [^;]*\n/);
  expect(await api.store.listErasures()).toEqual([]);
  expect((await admin(['erase', '--yes'])).code).toBe(exitCodes.usage);
  expect((await admin(['erase', '--yes', '--vehicle', 'a b'])).code).toBe(exitCodes.usage);
});

test('erase works on the store itself when the server is down', async () => {
  const open = () => openSqliteStore({ path: storeFile(folder) });
  const store = await open();
  await store.append(
    ['car-1', 'car-2', 'car-3'].map((vehicle) => ({ vehicle, samples: drive(3) })),
    nowMs,
  );
  await store.close();
  const down = { FLEET_URL: await deadUrl() };
  const { code, err } = await admin(['erase', '--vehicle', 'car-1', '--vehicle', 'car-2', '--yes'], down);
  expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: 0, lines: 2 });
  const after = await open();
  expect((await after.listVehicles(10)).map(({ vehicle }) => vehicle)).toEqual(['car-3']);
  expect((await after.listErasures()).map(({ vehicle }) => vehicle)).toEqual(['car-1', 'car-2']);
  await after.close();
});

test('erase says so of a vehicle that never was, by the server, on the store, and where there is none', async () => {
  const empty = join(folder, 'empty');
  await mkdir(empty);
  const down = { FLEET_URL: await deadUrl() };
  await (await openSqliteStore({ path: storeFile(folder) })).close();
  for (const env of [{}, down, { ...down, FLEET_DATA: empty }]) {
    const said = await admin(['erase', '--vehicle', 'nope', '--yes'], env);
    expect(said).toMatchObject({ code: exitCodes.data, err: 'fleet: there is no vehicle nope\n' });
  }
  expect(await api.store.listErasures()).toEqual([]);
});

test('demo start drives with a token of its own until it is interrupted, and revokes it', async () => {
  const { url, seen, close } = await serve(({ path }) => {
    // The first batch that is accepted ends the test: as Ctrl+C does.
    if (path === '/ingest') setTimeout(() => process.emit('SIGINT'), 0);
    return { status: path === '/ingest' ? 202 : 200, body: '{}' };
  });
  const { code, err } = await admin(['demo', 'start'], { FLEET_URL: url });
  await close();
  expect(code).toBe(0);
  expect(err).toContain('demo cars drive against');
  const batch = seen.find(({ path }) => path === '/ingest');
  expect(JSON.parse(batch?.body ?? '')[0]).toMatchObject({ subject: expect.stringMatching(/^demo-/) });
  expect(await tokenRecords()).toEqual([]);
});
