import { expect, test } from 'vitest';
import { jobs } from '../../../functions/lib/telemetry/events.ts';
import { ping, publish, status } from '../client.ts';
import { sleep } from '../program.ts';
import { startFleet, sweepNow } from './fleet.ts';
import { checkInvariants } from './invariants.ts';

test('ticks that come twice, at once and out of turn change nothing', async () => {
  const { server, ledger, traffic, random, deliver } = await startFleet('doubled ticks');
  for (let i = 0; i < 5; i++) {
    const delivered = deliver(traffic.next());
    const ticks = random.shuffle([...jobs, ...jobs, ...jobs]);
    await Promise.all(ticks.map((job) => ping(server, job)));
    await delivered;
  }
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('three ticks that were missed are made up for by the fourth', async () => {
  const { server, ledger, traffic, deliver } = await startFleet('missed ticks');
  for (let tick = 0; tick < 3; tick++) await deliver(traffic.next());
  expect((await status(server)).receipts.rollup).toBeGreaterThan(0);
  await checkInvariants(server, ledger);
});

const kills = 6;

test(`jobs killed midway ${kills} times leave nothing half done`, async () => {
  const { server, ledger, traffic, random, deliver } = await startFleet('killed jobs');
  for (let i = 0; i < kills; i++) {
    await deliver([...traffic.next(), ...traffic.next()]);
    for (const job of random.shuffle(jobs)) await ping(server, job);
    await sleep(random.between(0, 120));
    await server.restart();
  }
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('a broker that is off costs no acknowledgement, and poison holds nobody back', async () => {
  const { server, ledger, traffic, deliver } = await startFleet('broker off', { env: { FLEET_BROKER: 'off' } });
  await deliver([...traffic.next(), ...traffic.next()]);
  expect((await status(server)).receipts.pending).toBeGreaterThan(0);
  await server.restart();
  const poison = ['fleet.telemetry.accepted', 'fleet.telemetry.enriched', 'dev.knative.sources.ping'];
  const [vehicle = ''] = traffic.vehicles;
  for (const [i, type] of poison.entries()) {
    await publish(server, {
      specversion: '1.0',
      id: `poison-${i}`,
      source: '/e2e',
      type,
      subject: vehicle,
      data: { vehicle: 5 },
      fleetjob: 'sweep',
    });
  }
  await deliver(traffic.next());
  await sweepNow(server);
  await expect.poll(async () => (await status(server)).deadLetters, { timeout: 15_000 }).toBe(poison.length);
  console.log(JSON.stringify(await checkInvariants(server, ledger, poison.length)));
});
