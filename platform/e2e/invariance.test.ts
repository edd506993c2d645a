import { expect, test } from 'vitest';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { randomFor } from '../simulator/random.ts';
import { deliver, ping, status } from './client.ts';
import { recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { patience } from './influx-settings.ts';
import { type Derived, derivedBy, expectSame, oracle } from './oracle.ts';
import { startServer } from './server.ts';
import { rolledUp, settled } from './settled.ts';

/** The requests of a drive. */
type Way = (vehicle: string, samples: readonly ReportedSample[]) => CloudEvent[][];

const shuffled = (vehicle: string, samples: readonly ReportedSample[]) => randomFor(vehicle).shuffle(samples);

/** Ways to send the same drive; the name of each is its vehicle, so that one server takes them all. */
const ways: Record<string, Way> = {
  sorted: (vehicle, samples) => batchesOf(vehicle, samples, 500),
  shuffled: (vehicle, samples) => batchesOf(vehicle, shuffled(vehicle, samples), 500),
  twice: (vehicle, samples) => [
    ...batchesOf(vehicle, samples, 500),
    ...batchesOf(vehicle, shuffled(vehicle, samples), 70),
  ],
  singly: (vehicle, samples) => batchesOf(vehicle, samples, 1),
  killed: (vehicle, samples) => batchesOf(vehicle, shuffled(vehicle, samples), 20),
};

test('however a drive is sent, its trips and rollups are the same', { timeout: 180_000 * patience }, async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  // Two trips, with a tunnel in the first.
  const drive = recordedDrive('commute');
  const send = async (batches: readonly CloudEvent[][]) => {
    for (const batch of batches) await deliver(server, token, batch);
  };
  for (const [way, batchesFor] of Object.entries(ways)) {
    const batches = batchesFor(way, drive);
    const half = Math.floor(batches.length / 2);
    await send(batches.slice(0, half));
    const rest = send(batches.slice(half));
    if (way === 'killed') await server.restart();
    await rest;
  }
  // What the killed server had not derived is left to the sweep.
  await server.restart({ later: true });
  await ping(server, 'sweep');
  await settled(server);
  await rolledUp(server);

  const sorted = await derivedBy(server, 'sorted');
  expect(sorted.trips).toHaveLength(2);
  for (const way of Object.keys(ways)) {
    const derived = await derivedBy(server, way);
    expectSame(derived, oracle(way, drive));
    expect(anonymous(derived, way), way).toEqual(anonymous(sorted, 'sorted'));
  }
});

test('a car that reports sample by sample is derived on the ordinary way, without the sweep', async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const samples = recordedDrive('town').slice(0, 400);
  for (const batch of batchesOf('car-1', samples, 1)) await deliver(server, token, batch);
  await settled(server);
  await rolledUp(server);
  expectSame(await derivedBy(server, 'car-1'), oracle('car-1', samples));
  expect((await status(server)).deadLetters).toBe(0);
});

/** Without the vehicle's name, which stands in the ids of trips as well. */
function anonymous(derived: Derived, vehicle: string): Derived {
  return JSON.parse(JSON.stringify(derived).replaceAll(vehicle, 'car'));
}
