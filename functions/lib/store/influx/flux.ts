import { flux, fluxDateTime, type ParameterizedQuery } from '@influxdata/influxdb-client';
import { clampMs } from './instants.ts';
import type { BucketName } from './names.ts';

/** Parts of queries. Values go in by the client's template alone; names are those of names.ts. */

/** A range of milliseconds, both ends inclusive, and points that a vehicle or all have in it. */
export interface Place {
  bucket: BucketName;
  measurement: string;
  vehicle?: string | undefined;
  fromMs: number;
  toMs: number;
}

export function pointsOf({ bucket, measurement, vehicle, fromMs, toMs }: Place): ParameterizedQuery {
  const start = new Date(clampMs(fromMs)).toISOString();
  const stop = new Date(clampMs(toMs) + 1).toISOString();
  const points = flux`from(bucket: ${bucket})
    |> range(start: ${fluxDateTime(start)}, stop: ${fluxDateTime(stop)})
    |> filter(fn: (r) => r._measurement == ${measurement})`;
  return vehicle === undefined ? points : flux`${points} |> filter(fn: (r) => r.vehicle == ${vehicle})`;
}

/** One field of those points, a table a series. */
export function fieldOf(place: Place, field: string): ParameterizedQuery {
  return flux`${pointsOf(place)} |> filter(fn: (r) => r._field == ${field})`;
}

/** The fields of a point side by side, in one table. */
export function pivoted(points: ParameterizedQuery): ParameterizedQuery {
  return flux`${points}
    |> drop(columns: ["_start", "_stop", "_measurement"])
    |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")
    |> group()`;
}
