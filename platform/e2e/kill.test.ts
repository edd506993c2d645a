import { expect, test } from 'vitest';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { type Random, randomFor } from '../simulator/random.ts';
import { deliver, ping, samples } from './client.ts';
import { drives, recordedDrive } from './drives.ts';
import { eventOf } from './events.ts';
import { derivedBy, expectSame, oracle } from './oracle.ts';
import { type Server, startServer } from './server.ts';
import { rolledUp, settled } from './settled.ts';

const seed = 20;
const rounds = 8;
/** Acknowledged requests between a start and the kill after it. */
const acknowledgements = { least: 10, most: 60 };
/** Of each car, at a time: a phone and a box, so to say. */
const requestsInFlight = 2;
const maxSamplesInRequest = 9;

/** A car that sends its drive in some order, and what of it the server has acknowledged. */
interface Car {
  vehicle: string;
  drive: readonly ReportedSample[];
  requests: ReportedSample[][];
  acknowledged: ReportedSample[];
}

test('a killed server loses nothing it acknowledged, and derives it all', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  const random = randomFor('kill', seed);
  const cars = drives.map((name) => carOf(name, recordedDrive(name), random));

  let killAfter = 0;
  let kill: () => void = () => {};
  const send = async ({ vehicle, requests, acknowledged }: Car) => {
    for (let request = requests.shift(); request; request = requests.shift()) {
      const events = request.map((sample) => eventOf(vehicle, sample));
      await deliver(server, token, events);
      acknowledged.push(...request);
      killAfter -= 1;
      if (killAfter === 0) kill();
    }
  };
  const load = Promise.all(cars.flatMap((car) => Array.from({ length: requestsInFlight }, () => send(car))));

  for (let round = 0; round < rounds; round++) {
    killAfter = random.integer(acknowledgements.least, acknowledgements.most);
    await new Promise<void>((resolve) => {
      kill = resolve;
    });
    await server.kill9();
    const before = cars.map(({ acknowledged }) => [...acknowledged]);
    await server.start();
    for (const [i, { vehicle }] of cars.entries()) await expectStored(server, vehicle, before[i] ?? []);
  }
  expect(
    cars.some(({ requests }) => requests.length > 0),
    'the load outlasts the kills',
  ).toBe(true);
  await load;

  await server.restart({ later: true });
  await ping(server, 'sweep');
  await settled(server);
  await rolledUp(server);
  for (const { vehicle, drive } of cars) {
    const stored = await samples(server, vehicle);
    expect(stored.map(({ time }) => time)).toEqual(drive.map(({ time }) => time));
    expectSame(await derivedBy(server, vehicle), oracle(vehicle, drive));
  }
});

function carOf(vehicle: string, drive: readonly ReportedSample[], random: Random): Car {
  const rest = random.chance(0.5) ? [...drive] : random.shuffle(drive);
  const requests: ReportedSample[][] = [];
  while (rest.length > 0) requests.push(rest.splice(0, random.integer(1, maxSamplesInRequest)));
  return { vehicle, drive, requests, acknowledged: [] };
}

/** Each acknowledged sample is there, and no sample is there twice. */
async function expectStored(server: Server, vehicle: string, acknowledged: readonly ReportedSample[]): Promise<void> {
  if (acknowledged.length === 0) return;
  const times = (await samples(server, vehicle)).map(({ time }) => time);
  const stored = new Set(times);
  expect(times).toHaveLength(stored.size);
  expect(
    acknowledged.filter(({ time }) => !stored.has(time)),
    vehicle,
  ).toEqual([]);
}
