import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAuthenticator } from './authenticator.ts';
import { openTokenFile, type TokenFileError } from './token-file.ts';
import { createToken, finishRotation, rotateSecret, type TokenRecord } from './tokens.ts';

let folder: string;
let path: string;
let nowMs: number;
const now = () => nowMs;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  path = join(folder, 'data', 'tokens.json');
  nowMs = Date.UTC(2026, 0, 1);
});
afterEach(() => rm(folder, { recursive: true }));

const create = (label?: string) => createToken({ scopes: ['ingest'], vehicles: ['car-1'], nowMs, label });

test('a missing file means no tokens', () => {
  const file = openTokenFile(path, { now });
  expect(file.find(create().token)).toBeUndefined();
  expect(file.list()).toEqual([]);
});

test('what one process adds, another finds at once and loses within a second of its revocation', async () => {
  const [writer, reader] = [openTokenFile(path, { now }), openTokenFile(path, { now })];
  const { token, record } = create('one');
  await writer.add(record);
  expect(reader.find(token)).toEqual(record);
  expect(await writer.revoke(record.id)).toBe(true);
  expect(writer.find(token)).toBeUndefined();
  nowMs += 1_000;
  expect(reader.find(token)).toBeUndefined();
  expect(await writer.revoke(record.id)).toBe(false);
});

test('what a connection has shown is good there for as long as it is in force, and nothing else is', async () => {
  const file = openTokenFile(path, { now });
  const expiresAt = new Date(nowMs + 60_000).toISOString();
  const [kept, revoked, expiring] = [create(), create(), create()];
  for (const { record } of [kept, revoked]) await file.add(record);
  await file.add({ ...expiring.record, expiresAt });
  const auth = createAuthenticator(file);
  const [one, other] = [{}, {}];
  const isGood = (token: string, connection: object) => auth.authenticate(`Bearer ${token}`, connection).ok;
  for (const { token } of [revoked, expiring, kept, kept]) expect(isGood(token, one)).toBe(true);
  expect(isGood(`${kept.record.id}.guess`, one)).toBe(false);
  expect(isGood(`${kept.token} `, other)).toBe(true);
  expect(isGood(kept.token, one)).toBe(true);

  const { token: second, record } = rotateSecret(kept.record);
  const elsewhere = openTokenFile(path, { now });
  await elsewhere.add(record);
  await elsewhere.revoke(revoked.record.id);
  nowMs += 1_000;
  for (const token of [kept.token, second]) expect(isGood(token, one)).toBe(true);
  expect(isGood(revoked.token, one)).toBe(false);
  expect(isGood(kept.token, other)).toBe(true);
  await elsewhere.add(finishRotation(record));
  nowMs += 1_000;
  expect(isGood(kept.token, other)).toBe(false);
  expect(isGood(second, one)).toBe(true);

  expect(isGood(expiring.token, other)).toBe(true);
  nowMs += 60_000;
  expect(isGood(expiring.token, other)).toBe(false);
});

test('the file is for its owner alone, and nothing is left beside it', async () => {
  const file = openTokenFile(path, { now });
  const { token, record } = create();
  await file.add(record);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const text = await readFile(path, 'utf8');
  expect(JSON.parse(text)).toEqual({ tokens: [record] });
  expect(text).not.toContain(token.split('.')[1]);
  expect(await readdir(join(folder, 'data'))).toEqual(['tokens.json']);
});

test('tokens added and revoked at the same time by several writers are all there, and none that should not', async () => {
  const writers = Array.from({ length: 4 }, () => openTokenFile(path, { now }));
  const created = Array.from({ length: 24 }, () => create());
  await Promise.all(created.map(({ record }, i) => (writers[i % 4] as (typeof writers)[number]).add(record)));
  await Promise.all(
    created.slice(0, 8).map(({ record }, i) => (writers[i % 4] as (typeof writers)[number]).revoke(record.id)),
  );
  const ids = (records: readonly TokenRecord[]) => records.map(({ id }) => id).sort();
  expect(ids(openTokenFile(path, { now }).list())).toEqual(ids(created.slice(8).map(({ record }) => record)));
});

test('a lock that a dead process left behind does not stop a writer', async () => {
  const file = openTokenFile(path, { now });
  await file.add(create().record);
  await writeFile(`${path}.lock`, 'left behind');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${path}.lock`, longAgo, longAgo);
  await file.add(create().record);
  expect(file.list()).toHaveLength(2);
});

test('a file that breaks while in use is reported once, and the last good records stay in force', async () => {
  const onError = vi.fn<(error: TokenFileError) => void>();
  const file = openTokenFile(path, { now, onError });
  const { token, record } = create();
  await file.add(record);
  await writeFile(path, '{"tokens": [');
  for (let i = 0; i < 3; i++) {
    nowMs += 1_000;
    expect(file.find(token)).toEqual(record);
  }
  expect(onError).toHaveBeenCalledTimes(1);
  expect(onError.mock.calls[0]?.[0].message).toContain(path);
  await expect(file.add(create().record)).rejects.toThrow(/not JSON/);
  await writeFile(path, '{"tokens": []}');
  nowMs += 1_000;
  expect(file.find(token)).toBeUndefined();
});

test.each([
  ['not JSON', 'tokens:', /tokens\.json: not JSON/],
  ['an unknown key', '{"tokens":[],"extra":1}', /extra/],
  [
    'a bad hash',
    '{"tokens":[{"id":"a","hashes":["x"],"scopes":["read"],"vehicles":["*"],"createdAt":"2026-01-01T00:00:00Z"}]}',
    /tokens\.0\.hashes\.0/,
  ],
])('a file with %s is refused at the start, naming it and the key', async (_, text, message) => {
  const broken = join(folder, 'tokens.json');
  await writeFile(broken, text);
  expect(() => openTokenFile(broken, { now })).toThrow(message);
});

test('a mounted Secret is read again when the kubelet swaps its link', async () => {
  const mount = join(folder, 'mount');
  const [old, fresh] = [create('old'), create('fresh')];
  // As the kubelet's AtomicWriter has it: tokens.json → ..data/tokens.json, ..data → a folder with a time in its name.
  const publish = async (name: string, records: TokenRecord[]) => {
    await mkdir(join(mount, name), { recursive: true });
    await writeFile(join(mount, name, 'tokens.json'), JSON.stringify({ tokens: records }));
    await symlink(name, join(mount, '..data_tmp'));
    await rename(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  await publish('..2026_01_01_00_00_00.1', [old.record]);
  await symlink('..data/tokens.json', join(mount, 'tokens.json'));
  const file = openTokenFile(join(mount, 'tokens.json'), { now });
  expect(file.find(old.token)).toEqual(old.record);

  await publish('..2026_01_01_00_01_00.2', [fresh.record]);
  await rm(join(mount, '..2026_01_01_00_00_00.1'), { recursive: true });
  nowMs += 1_000;
  expect([file.find(old.token), file.find(fresh.token)]).toEqual([undefined, fresh.record]);
});

test('a record is replaced by what is made of it, and one that is not there is not', async () => {
  const file = openTokenFile(path, { now });
  const { token, record } = create('before');
  await file.add(record);
  expect(await file.replace(record.id, (known) => ({ ...known, label: 'after' }))).toBe(true);
  expect(file.find(token)?.label).toBe('after');
  expect(await file.replace('nobody', (known) => known)).toBe(false);
  const fail = () => {
    throw new RangeError('no');
  };
  await expect(file.replace(record.id, fail)).rejects.toThrow('no');
  expect(file.list()).toEqual([{ ...record, label: 'after' }]);
});

test('guessing makes us look at the file only a few times a second', async () => {
  const file = openTokenFile(path, { now });
  for (let i = 0; i < 5; i++) file.find('guess.guess');
  const { token, record } = create();
  await openTokenFile(path, { now }).add(record);
  expect(file.find(token)).toBeUndefined();
  nowMs += 1_000;
  expect(file.find(token)).toEqual(record);
});
