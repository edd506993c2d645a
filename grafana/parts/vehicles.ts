import { chosen, fields, number, pipe, pivot, type Query, source, table } from './flux.ts';

export const stateNames = ['moving', 'idle', 'parked', 'offline'] as const;

/**
 * Each vehicle's latest values, and what it does, as the read API says it under the default rules of trips: `moving` (at
 * least 3 km/h), `idle` (at rest, engine on), `parked`, `offline` (silent for 15 minutes since it moved, or for a day).
 * Whatever the range of the dashboard is, these are the values of now: raw samples of a week are looked at.
 */
export function latest(columns: readonly string[], { vehicles = chosen, where = 'true' } = {}): Query {
  return {
    flux: `${states(vehicles)}\n${pipe('states', `filter(fn: (r) => ${where})`, 'sort(columns: ["vehicle"])', 'limit(n: 500)', table(columns))}`,
    columns,
  };
}

/** How many vehicles do what, in one row. */
export const stateCounts = (): Query => ({
  flux: `${states(chosen)}\n${pipe(
    'states',
    `reduce(
      identity: {${stateNames.map((name) => `${name}: 0`).join(', ')}},
      fn: (r, accumulator) => ({
        ${stateNames.map((name) => `${name}: accumulator.${name} + (if r.state == "${name}" then 1 else 0)`).join(',\n        ')},
      }),
    )`,
  )}`,
  columns: stateNames,
});

const values = ['speedKmh', 'gpsSpeedKmh', 'engineRpm', 'ignitionOn', 'latitude', 'longitude'];
const gauges = ['coolantC', 'batteryV', 'fuelLevelPct', 'odometerKm', 'dtcCount'];

const states = (vehicles: string) => `last = ${pipe(
  source({ bucket: 'telemetry_raw', measurement: 'sample', range: 'range(start: -7d)', vehicles }),
  fields(...values, ...gauges),
  'last()',
  'toFloat()',
  'group(columns: ["vehicle", "_field"])',
  'sort(columns: ["_time"])',
  'last()',
  'group()',
)}
seen = ${pipe('last', 'group(columns: ["vehicle"])', 'max(column: "_time")', 'group()', 'keep(columns: ["vehicle", "_time"])', 'rename(columns: {_time: "seen"})')}
rows = ${pipe('last', pivot('vehicle'))}
states = ${pipe(
  'join(tables: {rows: rows, seen: seen}, on: ["vehicle"])',
  `map(fn: (r) => ({r with
      silentS: float(v: int(v: now()) - int(v: r.seen)) / 1000000000.0,
      speedKmh: ${number('speedKmh', number('gpsSpeedKmh'))},
      engineOn: ${number('ignitionOn', number('engineRpm'))} > 0.0,
      ignitionOff: exists r.ignitionOn and r.ignitionOn == 0.0,
    }))`,
  `map(fn: (r) => ({r with state:
      if r.silentS > 86400.0 then "offline"
      else if r.speedKmh >= 3.0 and not r.ignitionOff then (if r.silentS > 900.0 then "offline" else "moving")
      else if r.engineOn and r.silentS <= 900.0 then "idle"
      else "parked"}))`,
)}
`;
