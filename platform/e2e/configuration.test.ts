import { once } from 'node:events';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root, startProgram } from './program.ts';
import { isReady, Server, startServer, temporaryFolder } from './server.ts';

/** EX_CONFIG of sysexits.h. */
const exitConfig = 78;

interface Bad {
  env?: Record<string, string>;
  /** Files of the data folder. */
  files?: Record<string, string>;
  /** What the one line must name. */
  says: RegExp;
}

const bad: Record<string, Bad> = {
  'a port that is no number': { env: { PORT: 'abc' }, says: /environment: PORT: must be a port number/ },
  'one port for both listeners': {
    env: { PORT: '9100', INTERNAL_PORT: '9100' },
    says: /environment: PORT and INTERNAL_PORT are both 9100/,
  },
  'a setting that is none': { env: { FLEET_X: '1' }, says: /environment: FLEET_X / },
  'a store that is none': { env: { STORE: 'foo' }, says: /environment: STORE: / },
  'a function that is none': { env: { FUNCTION: 'foo' }, says: /environment: FUNCTION: / },
  'a file that is not there': { env: { FLEET_CONFIG: 'nowhere.yaml' }, says: /FLEET_CONFIG names .*nowhere\.yaml/ },
  'an unknown key': { files: { 'config.yaml': 'trips:\n  flet: {}\n' }, says: /config\.yaml: trips: .*"flet"/ },
  'a value of the wrong kind': {
    files: { 'config.yaml': 'ingest:\n  events: many\n' },
    says: /config\.yaml: ingest\.events: /,
  },
  'a file that is no YAML': { files: { 'config.yaml': 'trips: [' }, says: /config\.yaml: / },
  'a car that stops faster than it starts': {
    files: { 'config.yaml': 'trips:\n  fleet: { startSpeedKmh: 5, stopSpeedKmh: 9 }\n' },
    says: /config\.yaml: trips: .*stopSpeedKmh 9/,
  },
  'tokens that are no JSON': { files: { 'tokens.json': '{"tokens": [' }, says: /tokens\.json: not JSON/ },
  'a token without scopes': {
    files: { 'tokens.json': JSON.stringify({ tokens: [{ id: 'x' }] }) },
    says: /tokens\.json: tokens\.0\./,
  },
};

test.each(Object.entries(bad))('%s is said in one line, and nothing listens', async (_, { env, files, says }) => {
  const server = await prepared();
  for (const [name, text] of Object.entries(files ?? {})) await writeFile(join(server.dataDir, name), text);
  await expectRefusal(server, { env: { ...server.env, ...env }, says });
});

test.each(['PORT', 'INTERNAL_PORT'])('a port that is taken: %s', async (setting) => {
  const taken = createServer().listen(0);
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const port = String((taken.address() as { port: number }).port);
  const server = await prepared();
  const says = new RegExp(
    `fleet: ${setting}: port ${port} is in use; a second server needs its own PORT, INTERNAL_PORT and FLEET_DATA`,
  );
  await expectRefusal(server, { env: { ...server.env, [setting]: port }, says });
});

test('a data folder that another process has', async () => {
  const first = await startServer();
  const second = await prepared();
  const env = { ...second.env, FLEET_DATA: first.dataDir };
  await expectRefusal(second, {
    env,
    says: new RegExp(`FLEET_DATA: ${first.dataDir} is in use by process ${first.pid};`),
  });
  expect(await isReady(first.url)).toBe(true);
});

test('a manifest that names what is not there', async () => {
  const copy = await temporaryFolder();
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  for (const part of ['package.json', 'eventing', 'functions', 'platform']) {
    const isSource = (path: string) => !path.includes('node_modules') && !path.endsWith('.test.ts');
    await cp(join(root, part), join(copy, part), { recursive: true, filter: isSource });
  }
  await mkdir(join(copy, 'data'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  const manifest = join(copy, 'eventing', 'trigger-enrich.yaml');
  await writeFile(
    manifest,
    (await readFile(manifest, 'utf8')).replace('name: enrich\n', 'name: enrich\n  labls: {}\n'),
  );
  const server = await prepared();
  await expectRefusal(server, {
    env: server.env,
    says: /eventing\/trigger-enrich\.yaml:\d+: metadata\.labls: /,
    cwd: copy,
  });
});

/** A server that is not to start. */
async function prepared(): Promise<Server> {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  return server;
}

async function expectRefusal(
  server: Server,
  { env, says, cwd }: { env: Record<string, string>; says: RegExp; cwd?: string },
): Promise<void> {
  const program = startProgram(['platform/local/main.ts'], env, cwd);
  const { code } = await program.ended;
  expect(program.stderr().trim().split('\n'), program.stderr()).toHaveLength(1);
  expect(program.stderr()).toMatch(says);
  expect(program.stderr()).toMatch(/^fleet: /);
  expect(program.stdout()).toBe('');
  expect(code).toBe(exitConfig);
  expect(await isReady(server.url)).toBe(false);
}
