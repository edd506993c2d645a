import { expect, test } from 'vitest';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { randomFor } from '../simulator/random.ts';
import { deliver, ping, rolledUp, settled } from './client.ts';
import { drives, recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { type Derived, derivedBy, expectSame, oracle } from './oracle.ts';
import { startServer } from './server.ts';

/** The requests of a drive. */
type Way = (vehicle: string, samples: readonly ReportedSample[]) => CloudEvent[][];

const shuffled = (vehicle: string, samples: readonly ReportedSample[]) => randomFor(vehicle).shuffle(samples);

/** Ways to send the same drive; each as another vehicle, so that one server takes them all. */
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

const recordings = drives.map((name) => ({ name, samples: recordedDrive(name) }));

test('however a drive is sent, its trips and rollups are the same', { timeout: 60_000 }, async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  const send = async (batches: readonly CloudEvent[][]) => {
    for (const batch of batches) await deliver(server, token, batch);
  };
  for (const [way, batchesFor] of Object.entries(ways)) {
    await Promise.all(
      recordings.map(async ({ name, samples }) => {
        const batches = batchesFor(`${name}-${way}`, samples);
        const half = Math.floor(batches.length / 2);
        await send(batches.slice(0, half));
        const rest = send(batches.slice(half));
        if (way === 'killed' && name === 'town') await server.restart();
        await rest;
      }),
    );
  }
  // What the killed server had not derived is left to the sweep.
  await server.restart({ later: true });
  await ping(server, 'sweep');
  await settled(server);
  await rolledUp(server);

  for (const { name, samples } of recordings) {
    const sorted = await derivedBy(server, `${name}-sorted`);
    expect(sorted.trips, name).toHaveLength(name === 'commute' ? 2 : 1);
    for (const way of Object.keys(ways)) {
      const vehicle = `${name}-${way}`;
      const derived = await derivedBy(server, vehicle);
      expectSame(derived, oracle(vehicle, samples));
      expect(anonymous(derived, vehicle), vehicle).toEqual(anonymous(sorted, `${name}-sorted`));
    }
  }
});

/** Without the vehicle's name, which stands in the ids of trips as well. */
function anonymous(derived: Derived, vehicle: string): Derived {
  return JSON.parse(JSON.stringify(derived).replaceAll(vehicle, 'car'));
}
