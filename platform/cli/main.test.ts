import { describe, expect, test } from 'vitest';
import { exitCodes } from './exit.ts';
import { deadUrl, run, serve } from './test-world.ts';

const commands = [
  'token create',
  'token list',
  'token revoke',
  'send',
  'shift',
  'vehicles',
  'trips',
  'rollups',
  'status',
  'dead-letters list',
  'dead-letters show',
  'dead-letters replay',
  'demo start',
  'demo clear',
  'demo backfill',
];

test.each(commands)('%s has a help text with an example', async (command) => {
  const { code, out, err } = await run([...command.split(' '), '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(new RegExp(`\\$ .*fleet ${command}|\\$.*${command}`));
});

test('a default is shown as it would be typed', async () => {
  expect((await run(['shift', '--help'])).out).toContain('(default: 1h)');
});

test('the help of the command names every other, the environment and the exit codes', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  for (const name of [...new Set(commands.map((command) => command.split(' ')[0] ?? ''))])
    expect(out).toContain(`  ${name} `);
  for (const exitCode of Object.values(exitCodes)) expect(out).toContain(String(exitCode));
  for (const name of ['FLEET_URL', 'FLEET_TOKEN', 'FLEET_DATA', 'PORT']) expect(out).toContain(name);
});

test('--version is that of the package', async () => {
  expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ['no command', []],
  ['an unknown command', ['fly']],
  ['an unknown option', ['trips', '--vehcile', 'car-1']],
  ['a missing argument', ['send']],
  ['an argument too many', ['vehicles', 'car-1']],
  ['a bad choice', ['rollups', '--tier', '2m']],
  ['a number of days that is none', ['demo', 'backfill', '--days', '0']],
  ['a bad URL', ['trips', '--url', 'ftp://x']],
  ['a replay of nothing', ['dead-letters', 'replay']],
  ['a replay of one and all', ['dead-letters', 'replay', 'x', '--all']],
])('%s is a usage error on stderr', async (_, argv) => {
  const { code, out, err } = await run(argv);
  expect({ code, out }).toEqual({ code: exitCodes.usage, out: '' });
  expect(err).not.toBe('');
});

test.each([
  ['FLEET_URL', { FLEET_URL: 'nonsense' }],
  ['PORT', { PORT: 'http' }],
])('a bad %s is a configuration error that names it', async (name, env) => {
  const { code, err } = await run(['trips'], env);
  expect(code).toBe(exitCodes.config);
  expect(err).toContain(name);
});

test('without a server, one line names the URL and how to start it', async () => {
  const url = await deadUrl();
  for (const argv of [['trips'], ['vehicles', '--json'], ['status'], ['rollups']]) {
    const { code, out, err } = await run(argv, { FLEET_URL: url });
    expect({ code, out }).toEqual({ code: exitCodes.unavailable, out: '' });
    expect(err).toBe(`fleet: no server at ${url} – start it with \`npm start\`, or name another with --url\n`);
  }
});

describe('what a refusal of the server means', () => {
  test.each([
    [400, exitCodes.data],
    [401, exitCodes.auth],
    [403, exitCodes.auth],
    [404, exitCodes.data],
    [429, exitCodes.temporary],
    [503, exitCodes.temporary],
    [500, exitCodes.internal],
  ])('%i ends with %i and the detail', async (status, exitCode) => {
    const server = await serve(() => ({ status, body: JSON.stringify({ detail: 'because\u001b[31m' }) }));
    const { code, err } = await run(['trips', '--url', server.url]);
    await server.close();
    expect(code).toBe(exitCode);
    expect(err).toContain('because');
    expect(err).not.toContain('\u001b');
  });
});

test('reading on this machine sends FLEET_TOKEN only when the server asks for a token', async () => {
  const open = await serve(() => ({ status: 200, body: '{"trips":[],"next":null}' }));
  await run(['trips', '--url', open.url], { FLEET_TOKEN: 'only-ingest' });
  expect(open.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  await open.close();
  const closed = await serve(({ authorization }) => ({
    status: authorization ? 200 : 401,
    body: '{"trips":[],"next":null}',
  }));
  expect((await run(['trips', '--url', closed.url], { FLEET_TOKEN: 'reader' })).code).toBe(0);
  expect(closed.seen.map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer reader']);
  expect((await run(['trips', '--url', closed.url, '--token', 'given'])).code).toBe(0);
  expect(closed.seen.at(-1)?.authorization).toBe('Bearer given');
  await closed.close();
});
