import { flux, fluxDateTime } from '@influxdata/influxdb-client';
import { latestDepth, stateOf } from '../latest.ts';
import type { VehicleState } from '../port.ts';
import type { Client } from './client.ts';
import { fieldOf } from './flux.ts';
import { beginningMs, endMs } from './instants.ts';
import { type BucketName, measurements } from './names.ts';
import { rawBeginningMs, type SampleReads } from './samples.ts';
import { paged } from './windows.ts';

/** Their first look back: at 1 Hz three times as many, ms. */
const latestMs = 60_000;
/** Vehicles of a list that are read at a time. */
const atOnce = 8;

export interface Vehicles {
  list(limit: number, cursor: string): Promise<VehicleState[]>;
  read(vehicle: string): Promise<VehicleState | undefined>;
}

export function createVehicles(client: Client, samples: SampleReads): Vehicles {
  /** Every vehicle that the index knows under a measurement, erased ones for a while, too. */
  const named = (bucket: BucketName, measurement: string, fromMs: number) =>
    client.query(
      flux`import "influxdata/influxdb/schema"
        schema.tagValues(bucket: ${bucket}, tag: "vehicle", predicate: (r) => r._measurement == ${measurement},
          start: ${fluxDateTime(new Date(fromMs).toISOString())}, stop: ${fluxDateTime(new Date(endMs).toISOString())})`,
      (names) => {
        const at = names.indexOf('_value');
        return (values) => values[at] as string;
      },
    );

  async function read(vehicle: string): Promise<VehicleState | undefined> {
    const newestMs = await samples.newestMs(vehicle);
    if (newestMs === undefined) return (await hasLeft(vehicle)) ? stateOf(vehicle, []) : undefined;
    for await (const latest of paged(samples.backward(vehicle, newestMs + 1, latestMs), latestDepth)) {
      return stateOf(vehicle, latest);
    }
    return stateOf(vehicle, []);
  }

  /** Whether something of it is there that outlives its samples. */
  async function hasLeft(vehicle: string): Promise<boolean> {
    const everything = { vehicle, fromMs: beginningMs, toMs: endMs };
    const places = [
      fieldOf({ bucket: 'fleet', measurement: measurements.trip, ...everything }, 'revision'),
      fieldOf({ bucket: 'telemetry_5m', measurement: measurements.rollup, ...everything }, 'count'),
    ];
    for (const place of places) {
      if ((await client.query(flux`${place} |> last()`, () => () => true)).length > 0) return true;
    }
    return false;
  }

  return {
    read,
    async list(limit, cursor) {
      const [reporting, driven] = await Promise.all([
        named('telemetry_raw', measurements.sample, rawBeginningMs()),
        named('fleet', measurements.trip, beginningMs),
      ]);
      const after = [...new Set([...reporting, ...driven])].filter((vehicle) => vehicle > cursor).sort();
      const states: VehicleState[] = [];
      for (let at = 0; at < after.length && states.length < limit; at += atOnce) {
        const some = await Promise.all(after.slice(at, at + atOnce).map(read));
        states.push(...some.filter((state) => state !== undefined));
      }
      return states.slice(0, limit);
    },
  };
}
