import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver } from '../client.ts';
import { ago, batchesOf } from '../events.ts';
import { Server, temporaryFolder } from '../server.ts';
import { rolledUp, settled } from '../settled.ts';

/** From PyPI, into an environment that is thrown away. */
const version = 'schemathesis==4.32.5';
/** How long requests are made up and sent, s. */
const budgetS = Number(process.env.API_SECONDS ?? 90);

const run = promisify(execFile);
/** Its own list of answers to bad requests, without what no request of ours may get, and with 413: a batch may be too long, too. */
const settings =
  '[checks.negative_data_rejection]\nexpected-statuses = ["400", "401", "403", "404", "405", "413", "415", "422"]\n';
let folder = '';
let server: Server;
let token: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await run('python3', ['-m', 'venv', folder]);
  await writeFile(join(folder, 'schemathesis.toml'), settings);
  await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', version]);
  server = await Server.prepare();
  token = await server.token(['*'], ['ingest', 'read', 'admin']);
  await server.start();
  // So that answers have something in them, of which the document speaks.
  const drive = Array.from({ length: 300 }, (_, i) => ({
    time: ago(3_600 - i),
    speedKmh: 50,
    latitude: 48.1 + i * 1e-4,
    longitude: 11.5,
    dtc: ['P0133'],
  }));
  for (const batch of batchesOf('car-1', drive, 100)) await deliver(server, token, batch);
  await settled(server);
  await rolledUp(server);
});
afterAll(async () => {
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('requests made up from the OpenAPI document find no 5xx, no undocumented answer and no ignored auth', async () => {
  const { stdout } = await schemathesis();
  console.log(stdout.slice(stdout.indexOf('= SUMMARY =')));
  expect(stdout).toMatch(/Tested: (\d+)\n/);
  expect(stdout).toMatch(/No issues found|[1-9]\d* generated, [1-9]\d* passed/);
  // Nor is anything said in the log that a person should look into.
  expect(server.log()).not.toMatch(/"level":(50|60)/);
});

/** Rejects with the report when it finds something. */
async function schemathesis(): Promise<{ stdout: string }> {
  const args = [
    'run',
    `${server.url}/openapi.json`,
    // Not by this machine's own name, so that reading needs a token as it does from elsewhere.
    ...['--header', 'Host: fleet.example', '--header', `Authorization: Bearer ${token}`],
    // What the document cannot say is that `from` is before `to`, that a cursor was given out here, and what time it is.
    // Nor that a vehicle which was erased is as one that never was: its lists are empty, and not missing.
    ...['--exclude-checks', 'positive_data_acceptance,use_after_free'],
    ...['--max-time', String(budgetS), '--workers', '2', '--no-color', '--warnings', 'off'],
    ...['--generation-database', 'none', '--max-failures', '20'],
  ];
  try {
    return await run(join(folder, 'bin', 'st'), args, { cwd: folder, maxBuffer: 67_108_864 });
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    throw new Error(stdout === '' ? message : stdout.slice(-20_000));
  }
}
