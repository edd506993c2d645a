import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tokenFileSchema } from '../../functions/lib/auth/token-file.ts';
import { indexTokens, verify } from '../../functions/lib/auth/tokens.ts';

/** Stands in for kubectl: keeps what is created, by its name, and refuses what it has. */
const kubectl = `#!${process.execPath}
const { existsSync, readFileSync, writeFileSync, appendFileSync } = require('node:fs');
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('down')) { console.error('connection refused'); process.exit(1); }
if (process.argv[2] === 'create') {
  const text = readFileSync(0, 'utf8');
  const file = JSON.parse(text).metadata.name + '.json';
  if (existsSync(file)) { console.error('Error from server (AlreadyExists): it is there'); process.exit(1); }
  writeFileSync(file, text);
}
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  await writeFile(join(folder, 'kubectl'), kubectl);
  await chmod(join(folder, 'kubectl'), 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

const script = fileURLToPath(new URL('secrets.ts', import.meta.url));
const make = () =>
  promisify(execFile)(process.execPath, [script], {
    cwd: folder,
    env: { ...process.env, KUBECTL: join(folder, 'kubectl') },
  });
const secretOf = async (name: string) => JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')).stringData;

test('what is secret is random, made once, and on no command line', async () => {
  const first = await make();
  const names = ['fleet-api-secrets', 'grafana-admin', 'influxdb-admin'];
  expect((await readdir(folder)).filter((name) => name.endsWith('.json')).sort()).toEqual(
    names.map((name) => `${name}.json`),
  );
  const [admin, grafana, tokens] = await Promise.all(
    ['influxdb-admin', 'grafana-admin', 'fleet-api-secrets'].map(secretOf),
  );
  const values = [admin.token, admin.password, grafana.password];
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  expect(new Set(values).size).toBe(3);
  const calls = await readFile(join(folder, 'calls'), 'utf8');
  for (const value of values) expect(calls + first.stdout).not.toContain(value);

  const token = /shown this once: (\S+)/.exec(first.stdout)?.[1] ?? '';
  const { tokens: records } = tokenFileSchema.parse(JSON.parse(tokens['tokens.json']));
  expect(verify(indexTokens(records), token, Date.now())).toMatchObject({ scopes: ['admin'], vehicles: ['*'] });
  expect(calls + tokens['tokens.json']).not.toContain(token.split('.')[1]);

  const second = await make();
  expect(second.stdout).toBe(
    ['fleet/influxdb-admin', 'observability/grafana-admin', 'fleet/fleet-api-secrets']
      .map((name) => `${name} is there already\n`)
      .join(''),
  );
  expect(await secretOf('influxdb-admin')).toEqual(admin);
});

test('what kubectl says is said in one line', async () => {
  await writeFile(join(folder, 'down'), '');
  await expect(make()).rejects.toMatchObject({
    code: 1,
    stderr: 'cluster:secrets: kubectl apply: connection refused\n',
  });
});
