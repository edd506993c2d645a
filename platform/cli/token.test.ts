import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { exitCodes } from './exit.ts';
import { run } from './test-world.ts';

let folder: string;
let env: Record<string, string>;
const path = () => join(folder, 'new', 'tokens.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  env = { FLEET_DATA: join(folder, 'new') };
});
afterEach(() => rm(folder, { recursive: true }));

const find = (token: string, now = Date.now) => openTokenFile(path(), { now }).find(token);

test('create prints nothing but the token on stdout, and makes the data folder', async () => {
  const { code, out, err } = await run(['token', 'create', '--vehicle', 'car-1'], env);
  expect(code).toBe(0);
  expect(out).toMatch(/^[0-9a-f]{12}\.[A-Za-z0-9_-]{43}\n$/);
  expect(find(out.trim())).toMatchObject({ scopes: ['ingest'], vehicles: ['car-1'] });
  const secret = out.trim().split('.')[1] as string;
  expect(err).not.toContain(secret);
  expect(await readFile(path(), 'utf8')).not.toContain(secret);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
});

test('create takes several vehicles and scopes, a label and an expiry', async () => {
  const argv = ['token', 'create', '--vehicle', 'car-1', '--vehicle', '*', '--scope', 'read', '--scope', 'ingest'];
  const { out } = await run([...argv, '--label', 'wall board', '--expires-in', '2h'], env);
  expect(find(out.trim())).toMatchObject({ scopes: ['read', 'ingest'], vehicles: ['car-1', '*'], label: 'wall board' });
  expect(find(out.trim(), () => Date.now() + 7_300_000)).toBeUndefined();
});

test.each([
  ['no vehicle', []],
  ['a bad vehicle', ['--vehicle', 'a b']],
  ['a bad scope', ['--vehicle', 'car-1', '--scope', 'root']],
  ['an empty label', ['--vehicle', 'car-1', '--label', '']],
  ['a bad duration', ['--vehicle', 'car-1', '--expires-in', 'soon']],
])('create with %s is a usage error', async (_, argv) => {
  expect(await run(['token', 'create', ...argv], env)).toMatchObject({ code: exitCodes.usage, out: '' });
});

test('list shows tokens without secrets or hashes', async () => {
  const { out: token } = await run(['token', 'create', '--vehicle', 'car-1', '--label', 'mine'], env);
  const id = token.split('.')[0] as string;
  const table = (await run(['token', 'list'], env)).out;
  expect(table).toContain(id);
  expect(table).toContain('mine');
  const { tokens } = JSON.parse((await run(['token', 'list', '--json'], env)).out);
  expect(tokens).toEqual([
    { id, scopes: ['ingest'], vehicles: ['car-1'], label: 'mine', createdAt: expect.any(String), secrets: 1 },
  ]);
});

test('an empty list says so on stderr', async () => {
  expect(await run(['token', 'list'], env)).toMatchObject({ code: 0, out: '' });
});

test('rotate prints another secret, and both are good until it is finished', async () => {
  const { out } = await run(['token', 'create', '--vehicle', 'car-1'], env);
  const first = out.trim();
  const id = first.split('.')[0] as string;
  const rotated = await run(['token', 'rotate', id], env);
  const second = rotated.out.trim();
  expect(rotated.code).toBe(0);
  expect(second).toMatch(new RegExp(`^${id}\\.[A-Za-z0-9_-]{43}$`));
  expect([find(first)?.id, find(second)?.id]).toEqual([id, id]);
  expect((await run(['token', 'rotate', id], env)).code).toBe(exitCodes.data);
  expect([find(first)?.id, find(second)?.id]).toEqual([id, id]);

  expect(await run(['token', 'rotate', first, '--finish'], env)).toMatchObject({ code: 0, out: '' });
  expect([find(first), find(second)?.id]).toEqual([undefined, id]);
  expect((await run(['token', 'rotate', 'nobody'], env)).code).toBe(exitCodes.data);
});

test('FLEET_TOKENS names another file', async () => {
  const file = join(folder, 'secret.json');
  const { out } = await run(['token', 'create', '--vehicle', 'car-1'], { ...env, FLEET_TOKENS: file });
  expect(openTokenFile(file, { now: Date.now }).find(out.trim())).toBeDefined();
  expect(find(out.trim())).toBeUndefined();
});

test('revoke takes the id, or the token, and never repeats a secret', async () => {
  const create = async () => (await run(['token', 'create', '--vehicle', 'car-1'], env)).out.trim();
  const [first, second] = [await create(), await create()];
  expect((await run(['token', 'revoke', first.split('.')[0] as string], env)).code).toBe(0);
  const { code, err } = await run(['token', 'revoke', second], env);
  expect(code).toBe(0);
  expect(err).not.toContain(second.split('.')[1]);
  expect([find(first), find(second)]).toEqual([undefined, undefined]);
  expect((await run(['token', 'revoke', 'nothing'], env)).code).toBe(exitCodes.data);
});

test('a broken tokens.json is a configuration error that names the file', async () => {
  await run(['token', 'create', '--vehicle', 'car-1'], env);
  await writeFile(path(), '{');
  for (const argv of [['create', '--vehicle', 'car-1'], ['list'], ['revoke', 'x']]) {
    const { code, err } = await run(['token', ...argv], env);
    expect(code).toBe(exitCodes.config);
    expect(err).toContain(path());
  }
});

test('processes that create tokens at the same time keep all of them', async () => {
  const entry = fileURLToPath(new URL('main.ts', import.meta.url));
  const argv = [entry, 'token', 'create', '--vehicle', 'car-1'];
  const runs = Array.from({ length: 6 }, () =>
    promisify(execFile)(process.execPath, argv, { env: { ...process.env, ...env } }),
  );
  const tokens = (await Promise.all(runs)).map(({ stdout }) => stdout.trim());
  expect(tokens.filter((token) => find(token))).toHaveLength(6);
});
