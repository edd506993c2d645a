import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { deliver, samples } from './client.ts';
import { eventOf } from './events.ts';
import { root, sleep, startProgram } from './program.ts';
import { Server, startServer, temporaryFolder } from './server.ts';
import { settled } from './settled.ts';

test('a backup under load holds every sample acknowledged before it began, and is restored elsewhere', {
  timeout: 60_000,
}, async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const firstMs = Date.now() - 3_600_000;
  const acknowledged: ReportedSample[] = [];
  let next = 0;
  let going = true;
  const send = async () => {
    while (going) {
      const batch = Array.from({ length: 20 }, () => ({
        time: new Date(firstMs + 100 * next++).toISOString(),
        speedKmh: 50,
      }));
      await deliver(
        server,
        token,
        batch.map((sample) => eventOf('car-1', sample)),
      );
      acknowledged.push(...batch);
    }
  };
  const load = Promise.all([send(), send(), send()]);
  while (acknowledged.length < 2_000) await sleep(10);

  const before = acknowledged.map(({ time }) => Date.parse(time));
  const file = join(await temporaryFolder(), 'fleet.backup');
  const made = await fleet(server, 'backup', file);
  expect(made.code, made.stderr).toBe(0);
  const during = acknowledged.length - before.length;
  going = false;
  await load;
  await server.kill9();
  expect(during, 'the load went on meanwhile').toBeGreaterThan(0);

  const other = await Server.prepare();
  try {
    // What Server.prepare puts there is the usual content of a folder.
    expect(await fleet(other, 'restore', file)).toMatchObject({ code: 64 });
    expect(await fleet(other, 'restore', file, '--force')).toMatchObject({ code: 0 });
    await other.start();
    await settled(other);
    const stored = new Set((await samples(other, 'car-1')).map(({ time }) => Date.parse(time)));
    expect(before.filter((timeMs) => !stored.has(timeMs))).toEqual([]);
    // The token came along.
    await deliver(other, token, [eventOf('car-1', { time: new Date().toISOString(), speedKmh: 1 })]);
  } finally {
    await other.dispose();
  }
});

/** The command in a process of its own, as beside a running server. */
async function fleet(server: Server, ...argv: string[]) {
  const program = startProgram([join(root, 'platform/cli/main.ts'), ...argv], server.env);
  const { code } = await program.ended;
  return { code, stderr: program.stderr() };
}
