import { flux } from '@influxdata/influxdb-client';
import { columns } from '../../telemetry/columns.ts';
import type { Sample } from '../../telemetry/sample.ts';
import { dayMs, rawDays } from '../retention.ts';
import type { Client } from './client.ts';
import { fieldOf, type Place, pivoted, pointsOf } from './flux.ts';
import { aheadMs } from './instants.ts';
import { measurements } from './names.ts';
import { presentField, sampleReader } from './sample-lines.ts';
import { inWindows } from './windows.ts';

/** A quarter of an hour at 1 Hz is 900 rows. */
const firstMs = 900_000;

export interface SampleReads {
  forward(vehicle: string, fromMs: number, toMs: number): AsyncGenerator<Sample[]>;
  /** In stretches of `lengthMs` to begin with. */
  backward(vehicle: string, beforeMs: number, lengthMs?: number): AsyncGenerator<Sample[]>;
  nearestCodes(vehicle: string, timeMs: number, side: 'before' | 'after'): Promise<Sample | undefined>;
  /** The instant of the newest sample. */
  newestMs(vehicle: string): Promise<number | undefined>;
  count(vehicle: string): Promise<number>;
}

const byTime = (a: Sample, b: Sample) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1);

/** The first instant of what the bucket may still hold. */
export function rawBeginningMs(): number {
  return Math.floor(Date.now() / dayMs - rawDays) * dayMs;
}

export function createSampleReads(client: Client): SampleReads {
  const place = (vehicle: string, fromMs: number, toMs: number): Place => ({
    bucket: 'telemetry_raw',
    measurement: measurements.sample,
    vehicle,
    fromMs: Math.max(fromMs, rawBeginningMs()),
    toMs: Math.min(toMs, Date.now() + aheadMs),
  });

  async function read(vehicle: string, fromMs: number, toMs: number): Promise<Sample[]> {
    const rows = await client.query(pivoted(pointsOf(place(vehicle, fromMs, toMs))), sampleReader);
    return rows.sort(byTime);
  }

  /** Instants of the first or last point of a field, of each device. */
  async function ends(end: 'first' | 'last', field: string, vehicle: string, fromMs: number, toMs: number) {
    const where = place(vehicle, fromMs, toMs);
    if (where.fromMs > where.toMs) return [];
    const points = fieldOf(where, field);
    const times = await client.query(
      end === 'first' ? flux`${points} |> first()` : flux`${points} |> last()`,
      (names) => {
        const at = names.indexOf('_time');
        return (values) => Date.parse(values[at] as string);
      },
    );
    return times.sort((a, b) => a - b);
  }

  const first = async (field: string, vehicle: string, fromMs: number, toMs: number) =>
    (await ends('first', field, vehicle, fromMs, toMs))[0];
  const last = async (field: string, vehicle: string, fromMs: number, toMs: number) =>
    (await ends('last', field, vehicle, fromMs, toMs)).at(-1);

  return {
    forward(vehicle, from, to) {
      const { fromMs, toMs } = place(vehicle, from, to);
      return inWindows({
        fromMs,
        toMs,
        firstMs,
        mostMs: dayMs,
        read: (start, end) => read(vehicle, start, end),
        nearest: (start, end) => first(presentField, vehicle, start, end),
      });
    },
    backward(vehicle, beforeMs, lengthMs = firstMs) {
      const { fromMs, toMs } = place(vehicle, 0, beforeMs - 1);
      return inWindows({
        fromMs,
        toMs,
        firstMs: lengthMs,
        mostMs: dayMs,
        backward: true,
        read: async (start, end) => (await read(vehicle, start, end)).reverse(),
        nearest: (start, end) => last(presentField, vehicle, start, end),
      });
    },
    async nearestCodes(vehicle, timeMs, side) {
      const [end, from, to] =
        side === 'before' ? (['last', 0, timeMs - 1] as const) : (['first', timeMs + 1, Infinity] as const);
      const times = await ends(end, codesField, vehicle, from, to);
      const foundMs = side === 'before' ? times.at(-1) : times[0];
      if (foundMs === undefined) return undefined;
      const coded = (await read(vehicle, foundMs, foundMs)).filter((sample) => sample.codesStored);
      return side === 'before' ? coded.at(-1) : coded[0];
    },
    newestMs: (vehicle) => last(presentField, vehicle, 0, Infinity),
    async count(vehicle) {
      const counts = await client.query(
        flux`${fieldOf(place(vehicle, 0, Infinity), presentField)} |> count()`,
        (names) => {
          const at = names.indexOf('_value');
          return (values) => Number(values[at]);
        },
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

const codesField = columns.find(({ name }) => name === 'codesStored')?.name as string;
