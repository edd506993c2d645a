import { expect, test } from 'vitest';
import { post, samples } from './client.ts';
import { recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { sleep } from './program.ts';
import { startServer } from './server.ts';

/** Containers are given this long between SIGTERM and SIGKILL, ms. */
const graceMs = 30_000;
const senders = 8;

test('asked to end under load, the server ends in time, and keeps what it acknowledged', async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  const drive = recordedDrive('commute');
  const acknowledged: { vehicle: string; times: string[] }[] = [];

  const load = Array.from({ length: senders }, async (_, i) => {
    const vehicle = `car-${i}`;
    const times: string[] = [];
    acknowledged.push({ vehicle, times });
    for (const batch of batchesOf(vehicle, drive, 2)) {
      const answer = await post(server, token, batch).catch(() => undefined);
      await answer?.text().catch(() => undefined);
      // Refused or gone: the server is on its way out.
      if (answer?.status !== 202) return answer?.status;
      times.push(...batch.map(({ data }) => (data as { time: string }).time));
    }
    return 'sent all';
  });
  await sleep(500);
  const askedMs = performance.now();
  expect(await server.stop(), server.log()).toBe(0);
  const tookMs = performance.now() - askedMs;
  console.log(`from SIGTERM under load to the end: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(graceMs);
  for (const last of await Promise.all(load)) expect([undefined, 503]).toContain(last);

  await server.start();
  for (const { vehicle, times } of acknowledged) {
    expect(times.length).toBeGreaterThan(0);
    const stored = new Set((await samples(server, vehicle)).map(({ time }) => time));
    expect(times.filter((time) => !stored.has(time))).toEqual([]);
  }
});
