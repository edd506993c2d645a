import { chosen, number, pipe, type Query, table } from './flux.ts';
import { trips } from './trips.ts';

const stored = ['endMs', 'durationS', 'movingS', 'idleS', 'gapS', 'coverage', 'distanceKm'] as const;
const speeds = ['movingAvgSpeedKmh', 'maxSpeedKmh', 'fuelL', 'sampleCount'] as const;
const others = ['harshAccelerations', 'harshBrakings', 'endedBy', 'micro'] as const;
const methods = { odometer: 'odometerKm', obd: 'obdKm', gps: 'gpsKm', haversine: 'haversineKm' } as const;

/** A minute before and after a trip, so that its start lies within the range that a link opens, ms. */
const marginMs = 60_000;

/** Trips that started in the range, the latest first, with the range that shows each as `fromMs` and `toMs`. */
export function tripRows(columns: readonly string[], { vehicles = chosen, limit = 500 } = {}): Query {
  return {
    flux: pipe(
      trips([...stored, ...speeds, ...others], { vehicles }),
      'sort(columns: ["_time"], desc: true)',
      `limit(n: ${limit})`,
      `map(fn: (r) => ({r with
      fromMs: string(v: int(v: r._time) / 1000000 - ${marginMs}),
      toMs: string(v: int(v: r.endMs) + ${marginMs}),
      coveragePct: 100.0 * r.coverage,
      harsh: r.harshAccelerations + r.harshBrakings,
      flags: if r.micro then "micro" else "",
    }))`,
      table(columns),
    ),
    columns,
  };
}

/** The distance of the last trip of the range by each method, and which one counts. */
export function distances(vehicles: string): Query {
  const columns = ['method', 'distanceKm', 'counts?'];
  const rows = Object.entries(methods).map(
    ([method, field]) =>
      `one |> map(fn: (r) => ({method: "${method}", distanceKm: ${number(field, 'float(v: "NaN")')}, counts: if r.distanceMethod == "${method}" then "yes" else ""}))`,
  );
  return {
    flux: `one = ${pipe(
      trips(['distanceMethod', ...Object.values(methods)], { vehicles }),
      'sort(columns: ["_time"], desc: true)',
      'limit(n: 1)',
    )}

union(tables: [
  ${rows.join(',\n  ')},
])
  |> ${table(columns)}`,
    columns,
  };
}

/** The fastest speed of each vehicle in its trips. */
export function topSpeeds(): Query {
  const columns = ['vehicle', 'maxSpeedKmh'];
  return {
    flux: pipe(
      trips(['maxSpeedKmh']),
      'group(columns: ["vehicle"])',
      'max(column: "maxSpeedKmh")',
      'group()',
      'sort(columns: ["vehicle"])',
      'limit(n: 500)',
      table(columns),
    ),
    columns,
  };
}
