import { flux, type ParameterizedQuery } from '@influxdata/influxdb-client';
import type { StoredTrip, TripFilter, TripStore } from '../port.ts';
import { dayMs } from '../retention.ts';
import type { Client } from './client.ts';
import { fieldOf, type Place } from './flux.ts';
import { aheadMs, beginningMs, endMs, nanoseconds } from './instants.ts';
import { lineOf, sixDigits } from './lines.ts';
import { measurements } from './names.ts';

/** No trip is longer: its island would not fit into the raw tier. */
const longestMs = 7 * dayMs;
/** Open trips that began before this are not looked for: whatever they were made of is long gone. */
const openDays = 90;
/** The first stretch that a list looks into, going back; each next is four times as long, ms. */
const firstMs = dayMs;

const bucket = 'fleet';
const measurement = measurements.trip;

/** A trip as a point: flat for dashboards, and whole in `body`, which alone is read here. */
export function tripLine(trip: StoredTrip): string {
  const { id, vehicle, startedAt, startPosition, endPosition, distances, extrema: _, dueMs, ...flat } = trip;
  const fields = {
    id,
    ...flat,
    endedBy: flat.endedBy ?? '',
    fuelMethod: flat.fuelMethod ?? '',
    startedAt,
    endMs: Date.parse(trip.endedAt),
    dueMs: dueMs ?? 0,
    ...distances,
    startLatitude: startPosition?.latitude,
    startLongitude: startPosition?.longitude,
    endLatitude: endPosition?.latitude,
    endLongitude: endPosition?.longitude,
    body: JSON.stringify(trip),
  };
  const startMs = Date.parse(startedAt);
  // Two trips of one vehicle begin at one millisecond in tests alone, but must not overwrite each other there either.
  return lineOf(measurement, { vehicle }, fields, nanoseconds(startMs, sixDigits(id)));
}

export type TripReads = Pick<TripStore, 'listTrips' | 'newestTrips' | 'readTrip' | 'listDueTrips'>;

export function createTripReads(client: Client): TripReads {
  const bodyOf = (place: Pick<Place, 'vehicle' | 'fromMs' | 'toMs'>) =>
    fieldOf({ bucket, measurement, ...place }, 'body');
  const readBodies = (query: ParameterizedQuery) =>
    client.query(query, (names) => {
      const at = names.indexOf('_value');
      return (values) => JSON.parse(values[at] as string) as StoredTrip;
    });
  const bodies = (place: Pick<Place, 'vehicle' | 'fromMs' | 'toMs'>) => readBodies(bodyOf(place));

  async function listTrips(filter: TripFilter): Promise<StoredTrip[]> {
    const { fromMs = beginningMs, toMs = endMs, limit, vehicle, cursor } = filter;
    const earliestMs = Math.max(filter.startsWithin ? fromMs : fromMs - longestMs, beginningMs);
    let until = Math.min(toMs, Date.now() + aheadMs, cursor?.startMs ?? endMs);
    const found: StoredTrip[] = [];
    for (let lengthMs = firstMs; until >= earliestMs && found.length < limit; lengthMs *= 4) {
      const from = Math.max(earliestMs, until - lengthMs + 1);
      const rows = (await bodies({ vehicle, fromMs: from, toMs: until })).filter((trip) => matches(trip, filter));
      found.push(...rows.sort(latestFirst));
      until = from - 1;
    }
    return found.slice(0, limit);
  }

  /** The trip before a retracted one that was the newest: most likely the one that took its place. */
  async function before({ vehicle, id, startedAt }: StoredTrip): Promise<StoredTrip[]> {
    return listTrips({ vehicle, cursor: { startMs: Date.parse(startedAt), id }, limit: 1 });
  }

  return {
    listTrips,
    /** One query for all of them: the last point of a series is read without those before it. */
    async newestTrips(vehicles) {
      const all = bodyOf({ fromMs: beginningMs, toMs: endMs });
      const newest = await readBodies(flux`${all} |> filter(fn: (r) => r.vehicle =~ ${anyOf(vehicles)}) |> last()`);
      const kept = await Promise.all(newest.map((trip) => (trip.status === 'retracted' ? before(trip) : [trip])));
      return kept.flat();
    },
    async readTrip(id) {
      const start = /^([A-Za-z0-9._:-]{1,64}):(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(id);
      if (!start) return undefined;
      const [vehicle, year, month, day, hour, minute, second, ms] = start.slice(1);
      const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
      if (Number.isNaN(startMs)) return undefined;
      return (await bodies({ vehicle, fromMs: startMs, toMs: startMs })).find((trip) => trip.id === id);
    },
    async listDueTrips(nowMs, limit) {
      const place = { bucket, measurement, fromMs: Date.now() - openDays * dayMs, toMs: endMs } as const;
      const open = await client.query(
        flux`${fieldOf(place, 'dueMs')} |> filter(fn: (r) => r._value > 0.0)
          |> filter(fn: (r) => r._value <= float(v: ${nowMs})) |> keep(columns: ["_time", "_value", "vehicle"])
          |> group() |> sort(columns: ["_value"]) |> limit(n: ${limit})`,
        (names) => {
          const [timeAt, valueAt, vehicleAt] = ['_time', '_value', 'vehicle'].map((name) => names.indexOf(name));
          return (values) => ({
            startMs: Date.parse(values[timeAt as number] as string),
            dueMs: Number(values[valueAt as number]),
            vehicle: values[vehicleAt as number] as string,
          });
        },
      );
      const due: StoredTrip[] = [];
      for (const { vehicle, startMs, dueMs } of open) {
        const trips = await bodies({ vehicle, fromMs: startMs, toMs: startMs });
        due.push(...trips.filter((trip) => trip.dueMs === dueMs));
      }
      return due;
    },
  };
}

/** Ids have no other character that means something in a regular expression (idPattern). */
function anyOf(vehicles: readonly string[]): RegExp {
  return new RegExp(`^(${vehicles.join('|').replaceAll('.', '\\.')})$`);
}

function latestFirst(a: StoredTrip, b: StoredTrip): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

function matches(trip: StoredTrip, { fromMs = -Infinity, toMs = Infinity, ...filter }: TripFilter): boolean {
  const [startMs, endedMs] = [Date.parse(trip.startedAt), Date.parse(trip.endedAt)];
  const { cursor } = filter;
  const isAfter = !cursor || startMs < cursor.startMs || (startMs === cursor.startMs && trip.id < cursor.id);
  const isIn = startMs <= toMs && (filter.startsWithin ? startMs : endedMs) >= fromMs;
  return isAfter && isIn && (filter.withRetracted === true || trip.status !== 'retracted');
}
