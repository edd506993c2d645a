import { copyFileSync, existsSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storeFile } from '../../host/data-folder.ts';
import { post } from '../client.ts';
import { eventOf } from '../events.ts';
import { startProgram } from '../program.ts';
import { startFleet } from './fleet.ts';
import { checkInvariants } from './invariants.ts';

const log = (file: string) => `${file}-wal`;

/** What somebody may do to the files of a server that runs. */
const damages: Record<string, (file: string, copy: string) => void> = {
  'replaced by an older copy': (file, copy) => {
    copyFileSync(copy, `${file}.new`);
    renameSync(`${file}.new`, file);
  },
  removed: (file) => rmSync(file),
  'cut in half': (file) => truncateSync(file, Math.floor(statSync(file).size / 8_192) * 4_096),
  'with its log removed': (file) => rmSync(log(file)),
  'with its log cut off': (file) => truncateSync(log(file), 0),
};

test.each(Object.entries(damages))(
  'a data file %s: nothing more is acknowledged, and a good copy works again',
  async (name, damage) => {
    const { server, token, ledger, traffic, deliver } = await startFleet(name);
    await deliver(traffic.next());
    await checkInvariants(server, ledger);
    const file = storeFile(server.dataDir);
    const copy = `${file}.copy`;
    // Whoever stops the server has everything in one file.
    expect(await server.stop()).toBe(0);
    copyFileSync(file, copy);
    await server.start();
    const answers: (number | undefined)[] = [];
    const send = async () => {
      const event = eventOf('probe', { time: new Date().toISOString(), speedKmh: 1 });
      const answer = await post(server, token, [event]).catch(() => undefined);
      answers.push(answer?.status);
    };
    await send();
    damage(file, copy);
    await send();
    await send();
    expect(answers[0]).toBe(202);
    for (const status of answers.slice(1)) expect([503, undefined]).toContain(status);
    expect(await server.ended()).toMatchObject({ signal: 'SIGKILL' });
    expect(server.log()).toContain(`must end: ${file}`);

    await startsOrSays(server.env);
    for (const path of [file, log(file), `${file}-shm`]) if (existsSync(path)) rmSync(path);
    renameSync(copy, file);
    await server.start();
    await checkInvariants(server, ledger);
  },
);

/** With the damaged file, the server starts (it is whole, if older), or one line says what is wrong with it. */
async function startsOrSays(env: Record<string, string>): Promise<void> {
  const program = startProgram(['platform/local/main.ts'], env);
  const giveUp = setTimeout(() => program.kill('SIGTERM'), 4_000);
  const { code } = await program.ended;
  clearTimeout(giveUp);
  if (code === 0) return;
  expect(code, program.stderr()).toBe(78);
  expect(program.stderr().trim().split('\n')).toHaveLength(1);
  expect(program.stderr()).toContain('fleet.sqlite');
}

const tears = 6;

test(`a last write torn at ${tears} places costs nothing that was on disk before it`, async () => {
  const { server, token, ledger, traffic, random, deliver } = await startFleet('torn write');
  const file = storeFile(server.dataDir);
  for (let i = 0; i < tears; i++) {
    await deliver(traffic.next());
    await checkInvariants(server, ledger);
    // A start empties the log, so that it only grows from here on.
    expect(await server.stop()).toBe(0);
    await server.start({ env: { FLEET_BROKER: 'off' } });
    await post(server, token, [eventOf(`first-${i}`, { time: new Date().toISOString(), speedKmh: 1 })]);
    const beforeBytes = statSync(log(file)).size;
    const events = Array.from({ length: 50 }, (_, k) =>
      eventOf(`torn-${i}`, { time: new Date(Date.now() - k).toISOString(), speedKmh: 1 }),
    );
    await post(server, token, events);
    await server.kill9();
    // As if the power had gone before the last fsync: what was acknowledged after it does not count.
    const cutBytes = random.integer(beforeBytes, statSync(log(file)).size - 1);
    truncateSync(log(file), cutBytes);
    await server.start();
    const answer = await fetch(`${server.url}/api/vehicles/first-${i}`);
    expect(answer.status).toBe(200);
    expect((await fetch(`${server.url}/api/vehicles/torn-${i}`)).status).toBe(404);
  }
  await checkInvariants(server, ledger);
});
