import { chmod, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTokenFile, type TokenFile } from '../../functions/lib/auth/token-file.ts';
import { createToken, finishRotation, rotateSecret } from '../../functions/lib/auth/tokens.ts';
import { ago } from './events.ts';
import { eventually } from './program.ts';
import { type Hosting, Server } from './server.ts';

describe.each<Hosting>(['laptop', 'function'])('tokens on the %s', (hosting) => {
  test('come, are rotated and go without a restart', async () => {
    const { server, tokens } = await start(hosting);
    const { token, record } = createToken({ scopes: ['ingest'], vehicles: ['car-1'], nowMs: Date.now() });
    expect(await report(server, token)).toBe(401);
    await tokens.add(record);
    await becomes(server, token, 202);

    let second = '';
    await tokens.replace(record.id, (known) => {
      const rotated = rotateSecret(known);
      second = rotated.token;
      return rotated.record;
    });
    await becomes(server, second, 202);
    expect(await report(server, token)).toBe(202);
    await tokens.replace(record.id, finishRotation);
    await becomes(server, token, 401);
    expect(await report(server, second)).toBe(202);
    await tokens.revoke(record.id);
    await becomes(server, second, 401);
  });

  test('have so many requests a minute, each of its own', async () => {
    const { server } = await start(hosting, 'ingest:\n  requestsPerMinute: 3\n');
    const [one, another] = [await server.token(['car-1']), await server.token(['car-1'])];
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push(await report(server, one));
    expect(statuses).toEqual([202, 202, 202, 429]);
    const refused = await post(server, one);
    const waitS = Number(refused.headers.get('retry-after'));
    expect(waitS).toBeGreaterThan(0);
    expect(waitS).toBeLessThanOrEqual(20);
    expect(await refused.json()).toMatchObject({ type: 'urn:fleet-telemetry:problem:rate-limited', status: 429 });
    expect(await report(server, another)).toBe(202);
  });

  test('and samples are in files for their owner alone', async () => {
    const { server } = await start(hosting);
    expect(await report(server, await server.token(['car-1']))).toBe(202);
    const files = await readdir(server.dataDir);
    expect(files).toEqual(expect.arrayContaining(['fleet.sqlite', 'fleet.sqlite-wal', 'lock', 'tokens.json']));
    for (const file of files.filter((name) => name !== 'config.yaml')) {
      expect([file, (await stat(join(server.dataDir, file))).mode & 0o777]).toEqual([file, 0o600]);
    }
  });
});

test('a data folder that is made is for its owner alone', async () => {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  await server.start({ env: { FLEET_DATA: join(server.dataDir, 'new', 'data') } });
  expect((await stat(join(server.dataDir, 'new', 'data'))).mode & 0o777).toBe(0o700);
});

test('a file that breaks leaves those in force that were', async () => {
  const { server } = await start('laptop');
  const token = await server.token(['car-1']);
  expect(await report(server, token)).toBe(202);
  const file = join(server.dataDir, 'tokens.json');
  await writeFile(`${file}.new`, '{"tokens": [');
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  await eventually('the log tells of it', async () => {
    expect(await report(server, token)).toBe(202);
    return server.log().includes('tokens.json: not JSON') || undefined;
  });
  expect(await report(server, token)).toBe(202);
});

async function start(hosting: Hosting, config?: string): Promise<{ server: Server; tokens: TokenFile }> {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  if (config !== undefined) await writeFile(join(server.dataDir, 'config.yaml'), config);
  await server.start({ hosting });
  return { server, tokens: openTokenFile(join(server.dataDir, 'tokens.json'), { now: Date.now }) };
}

function post(server: Server, token: string): Promise<Response> {
  return fetch(`${server.url}/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ time: ago(60), speedKmh: 50 }),
  });
}

async function report(server: Server, token: string): Promise<number> {
  const answer = await post(server, token);
  await answer.body?.cancel();
  return answer.status;
}

/** Within a second, where the contract gives a minute; a busy machine gets five. */
async function becomes(server: Server, token: string, status: number): Promise<void> {
  await eventually(`${status}`, async () => (await report(server, token)) === status || undefined, { withinMs: 5_000 });
}
