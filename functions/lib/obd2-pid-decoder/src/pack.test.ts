import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const home = dirname(dirname(fileURLToPath(import.meta.url)));
// The repository's tsc, as npm itself would find it for a workspace.
const tools = join(home, '../../../node_modules/.bin');
// The first `node` on the PATH is the machine's own, whatever runs the tests.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}${delimiter}${tools}`, npm_config_offline: 'true' };

let room: string;
let project: string;

// The package is packed from a copy, so that nothing is built in the tree other tests run in.
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), 'obd2-pid-decoder-'));
  const copy = join(room, 'source');
  for (const name of ['package.json', 'tsconfig.build.json', 'README.md', 'LICENSE', 'src']) {
    await cp(join(home, name), join(copy, name), { recursive: true });
  }
  await run('npm', ['pack', '--pack-destination', room], { cwd: copy, env, timeout: 100_000 });
  const tarball = (await readdir(room)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack gave no tarball');
  project = join(room, 'project');
  const target = join(project, 'node_modules/obd2-pid-decoder');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(room, tarball), '-C', target, '--strip-components=1']);
}, 120_000);

afterAll(() => rm(room, { recursive: true, force: true }));

test('the package holds JavaScript, types, licence and documentation, and no tests', async () => {
  const files = await readdir(join(project, 'node_modules/obd2-pid-decoder'), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md']));
  expect(files.filter((name) => name.includes('.test.') || name.startsWith('src'))).toEqual([]);
});

test('an empty folder can import it', async () => {
  const script = `
    import { decodeAnswer, encodeRequest, PIDS } from 'obd2-pid-decoder';
    console.log(JSON.stringify([
      Number(process.versions.node.split('.')[0]),
      PIDS.length,
      encodeRequest({ mode: 1, pids: [12] }),
      decodeAnswer('41 0C 1A F8').messages,
    ]));`;
  const { stdout } = await run('node', ['--input-type=module', '--eval', script], { cwd: project, env });
  const [major, ...results] = JSON.parse(stdout);
  expect(major).toBeGreaterThanOrEqual(20);
  expect(results).toEqual([
    0xc5,
    { ok: true, value: '010C' },
    [
      {
        kind: 'values',
        mode: 1,
        pid: 12,
        name: 'engineSpeed',
        values: [{ name: 'engineRpm', value: 1726, unit: 'rpm' }],
      },
    ],
  ]);
});

test('its types hold for a strict user', async () => {
  await writeFile(
    join(project, 'use.mts'),
    `import { decodeAnswer, type Message, type NumberField, PIDS } from 'obd2-pid-decoder';
    export const messages: readonly Message[] = decodeAnswer('41 0C 1A F8').messages;
    for (const message of messages) if (message.kind === 'values') console.log(message.values[0]?.unit.length);
    // @ts-expect-error The kinds are told apart.
    console.log(messages[0]?.codes);
    export const fields: readonly NumberField[] = PIDS.flatMap((row) => row.values.filter((one) => one.kind === 'number'));
    `,
  );
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', ''];
  await run('tsc', [...options, '--skipLibCheck', 'false', 'use.mts'], { cwd: project, env, timeout: 100_000 });
}, 120_000);
