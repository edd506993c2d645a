import { expect, test } from 'vitest';
import type { ReportedSample } from '../../../functions/lib/telemetry/sample.ts';
import { post, samples } from '../client.ts';
import { eventOf } from '../events.ts';
import { startFleet } from './fleet.ts';
import { checkInvariants } from './invariants.ts';

const dayMs = 86_400_000;

test('everything three times, shuffled, with input of six days ago in between, which is refused as a whole', async () => {
  const { server, token, ledger, traffic, random, deliver } = await startFleet('input');
  const requests = [...traffic.next(), ...traffic.next(), ...traffic.rest()];
  const [vehicle = ''] = traffic.vehicles;
  const old: ReportedSample = { time: new Date(Date.now() - 6 * dayMs).toISOString(), speedKmh: 50 };
  const fresh: ReportedSample = { time: new Date().toISOString(), speedKmh: 50 };
  const delivered = deliver(random.shuffle([...requests, ...requests, ...requests]));
  for (let i = 0; i < 20; i++) {
    const answer = await post(server, token, [eventOf(vehicle, fresh), eventOf(vehicle, old)]);
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { index: number; code: string }[] };
    expect(errors).toMatchObject([{ index: 1, code: 'time-out-of-range' }]);
  }
  await delivered;
  expect((await samples(server, vehicle)).map(({ time }) => time)).not.toContain(fresh.time);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});
