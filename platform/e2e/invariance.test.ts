import { expect, test } from 'vitest';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { randomFor } from '../simulator/random.ts';
import { deliver, rolledUp, settled } from './client.ts';
import { type DriveName, drives, recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { type Derived, derivedBy, expectSame, oracle } from './oracle.ts';
import { type Server, startServer } from './server.ts';

type Batches = CloudEvent[][];

/** Ways to send the same drive; each as another vehicle, so that one server takes them all. */
const ways: Record<string, (server: Server, vehicle: string, drive: DriveName) => Promise<void>> = {
  sorted: (server, vehicle, drive) => send(server, batchesOf(vehicle, recordings[drive], 500)),
  shuffled: (server, vehicle, drive) => send(server, batchesOf(vehicle, shuffled(vehicle, drive), 500)),
  twice: async (server, vehicle, drive) => {
    await send(server, batchesOf(vehicle, recordings[drive], 500));
    await send(server, batchesOf(vehicle, shuffled(vehicle, drive), 70));
  },
  singly: (server, vehicle, drive) => send(server, batchesOf(vehicle, recordings[drive], 1)),
  'singly-shuffled': (server, vehicle, drive) => send(server, batchesOf(vehicle, shuffled(vehicle, drive), 1)),
  killed: async (server, vehicle, drive) => {
    const batches = batchesOf(vehicle, shuffled(vehicle, drive), 50);
    const half = Math.floor(batches.length / 2);
    await send(server, batches.slice(0, half));
    const rest = send(server, batches.slice(half));
    await server.restart();
    await rest;
  },
};

const recordings = Object.fromEntries(drives.map((drive) => [drive, recordedDrive(drive)])) as Record<
  DriveName,
  ReturnType<typeof recordedDrive>
>;

test('however a drive is sent, its trips and rollups are the same', { timeout: 60_000 }, async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  tokens.set(server, token);
  for (const [way, sendDrive] of Object.entries(ways)) {
    for (const drive of drives) await sendDrive(server, `${drive}-${way}`, drive);
  }
  // What a killed server had not derived is left to the sweep.
  await server.restart({ later: true });
  await sweep(server);
  await settled(server);
  await rolledUp(server);

  for (const drive of drives) {
    const sorted = await derivedBy(server, `${drive}-sorted`);
    expect(sorted.trips.length, drive).toBe(drive === 'commute' ? 2 : 1);
    for (const way of Object.keys(ways)) {
      const vehicle = `${drive}-${way}`;
      const derived = await derivedBy(server, vehicle);
      expectSame(derived, oracle(vehicle, recordings[drive]));
      expect(anonymous(derived, vehicle), vehicle).toEqual(anonymous(sorted, `${drive}-sorted`));
    }
  }
});
