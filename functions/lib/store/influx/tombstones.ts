import { flux } from '@influxdata/influxdb-client';
import type { VehicleSamples } from '../../telemetry/sample.ts';
import type { Erasure } from '../port.ts';
import type { Client } from './client.ts';
import { pivoted, pointsOf } from './flux.ts';
import { beginningMs, nanoseconds } from './instants.ts';
import { lineOf } from './lines.ts';
import { measurements } from './names.ts';

/** What was read so long ago is read again before it is gone by, ms; an erasure waits for it (erase.ts). */
export const snapshotMs = 1_000;

/** Tombstones by vehicle, the last instant that is not taken again. One point each, always at the same place in time. */
export interface Tombstones {
  /** At most `snapshotMs` old. */
  current(): Promise<ReadonlyMap<string, number>>;
  /** As of now. */
  fresh(): Promise<ReadonlyMap<string, number>>;
  set(vehicle: string, untilMs: number | null): Promise<void>;
}

export function createTombstones(client: Client): Tombstones {
  let snapshot: ReadonlyMap<string, number> = new Map();
  let readAtMs = -Infinity;
  let reading: Promise<ReadonlyMap<string, number>> | undefined;

  async function read(): Promise<ReadonlyMap<string, number>> {
    const atMs = performance.now();
    const place = { bucket: 'fleet_erased', measurement: measurements.erasure, fromMs: beginningMs, toMs: beginningMs };
    const rows = await client.query(flux`${pivoted(pointsOf(place as never))}`, (names) => {
      const [vehicleAt, untilAt] = [names.indexOf('vehicle'), names.indexOf('untilMs')];
      return (values) => [values[vehicleAt] as string, Number(values[untilAt])] as const;
    });
    snapshot = new Map(rows.filter(([, untilMs]) => untilMs > 0));
    readAtMs = atMs;
    return snapshot;
  }

  const fresh = () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    current: async () => (performance.now() - readAtMs < snapshotMs ? snapshot : fresh()),
    fresh: read,
    async set(vehicle, untilMs) {
      const fields = { untilMs: BigInt(untilMs ?? 0) };
      await client.write('fleet_erased', [lineOf(measurements.erasure, { vehicle }, fields, nanoseconds(beginningMs))]);
      await read();
    },
  };
}

/** The tombstones that samples run into, each once. */
export function refusalsOf(groups: readonly VehicleSamples[], erased: ReadonlyMap<string, number>): Erasure[] {
  if (erased.size === 0) return [];
  const met = new Map<string, number>();
  for (const { vehicle, samples } of groups) {
    const untilMs = erased.get(vehicle);
    if (untilMs !== undefined && samples.some(({ timeMs }) => timeMs <= untilMs)) met.set(vehicle, untilMs);
  }
  return [...met].map(([vehicle, untilMs]) => ({ vehicle, untilMs }));
}
