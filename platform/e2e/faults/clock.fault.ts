import { expect, test } from 'vitest';
import { jobs } from '../../../functions/lib/telemetry/events.ts';
import { ping, post, samples } from '../client.ts';
import { eventOf } from '../events.ts';
import { sleep } from '../program.ts';
import { rolledUp, settled } from '../settled.ts';
import { startFleet, sweepNow } from './fleet.ts';
import { checkInvariants } from './invariants.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** The order is part of the test: each jump starts from the one before it. */
const jumps = { 'an hour ahead': hourMs, 'an hour back': -hourMs, 'a year ahead': yearMs, 'a year back': -yearMs };

test('a clock that jumps by hours and years, jobs and all, changes nothing once it is right again', async () => {
  const { server, token, ledger, traffic, deliver } = await startFleet('clock', { settableClock: true });
  await deliver(traffic.next());
  for (const [name, clockOffsetMs] of Object.entries(jumps)) {
    server.tell({ clockOffsetMs });
    // Samples that a wrong clock makes too old or too new are refused, never taken for something else.
    const time = new Date().toISOString();
    const { status } = await post(server, token, [eventOf('probe', { time, speedKmh: 1 })]);
    expect(status, name).toBe(Math.abs(clockOffsetMs) < dayMs && clockOffsetMs > 0 ? 202 : 422);
    if (Math.abs(clockOffsetMs) < dayMs) await deliver(traffic.next());
    for (const job of jobs) await ping(server, job);
    await sleep(300);
  }
  server.tell({ clockOffsetMs: 0 });
  await deliver(traffic.next());
  await sweepNow(server);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('raw data outlives its retention until it is rolled up and sealed, and goes then', async () => {
  const { server, token, ledger, traffic, deliver } = await startFleet('lagging rollups', { settableClock: true });
  await deliver(traffic.next());
  await settled(server);
  const [vehicle] = traffic.vehicles as [string, ...string[]];
  const before = (await samples(server, vehicle)).length;
  expect(before).toBeGreaterThan(0);
  const clockOffsetMs = 5 * dayMs;
  server.tell({ clockOffsetMs });
  // Another car shows that time has really passed.
  const time = new Date(Date.now() + clockOffsetMs).toISOString();
  expect((await post(server, token, [eventOf('later', { time, speedKmh: 1 })])).status).toBe(202);
  for (let i = 0; i < 3; i++) await ping(server, 'expire');
  await sleep(500);
  expect(await samples(server, vehicle)).toHaveLength(before);
  await checkInvariants(server, ledger);

  await sweepNow(server);
  await rolledUp(server);
  await expect
    .poll(
      async () => {
        await ping(server, 'sweep');
        await ping(server, 'expire');
        return (await samples(server, vehicle)).length;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(0);
  // What was derived stays.
  const { trips } = (await (await fetch(`${server.url}/api/trips?vehicle=${vehicle}`)).json()) as { trips: unknown[] };
  expect(trips.length).toBeGreaterThan(0);
});
