import { dashboardRange, pipe, type Query, source, table } from './flux.ts';

const anyVehicle = 'true';
const rows = (range: string) =>
  pipe(
    source({ bucket: 'fleet', measurement: 'deadletter', range, vehicles: anyVehicle }),
    'filter(fn: (r) => r._field != "event")',
    'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
    'group()',
  );

/** What could not be processed, the latest first; events without a vehicle too. */
export function deadLetters(): Query {
  const columns = ['_time', 'vehicle?', 'destination', 'code', 'reason', 'count', 'replayed'];
  return {
    flux: pipe(
      rows(dashboardRange),
      'sort(columns: ["_time"], desc: true)',
      'limit(n: 500)',
      'map(fn: (r) => ({r with replayed: if r.replayedMs > 0.0 then "yes" else "no"}))',
      table(columns),
    ),
    columns,
  };
}

/** How many wait to be replayed, and rows that sealing found different in the last week: both must be 0. */
export const troubles = (): Query => ({
  flux: `import "array"

none = array.from(rows: [{kind: "none", rows: 0}])
open = ${pipe(
    rows('range(start: -90d)'),
    'filter(fn: (r) => r.replayedMs == 0.0)',
    'count(column: "replayedMs")',
    'map(fn: (r) => ({kind: "deadLetters", rows: r.replayedMs}))',
  )}
seals = ${pipe(
    source({ bucket: 'telemetry_raw', measurement: 'seal', range: 'range(start: -7d)', vehicles: anyVehicle }),
    'filter(fn: (r) => r._field == "trips" or r._field == "rollups")',
    'sum()',
    'group()',
    'map(fn: (r) => ({kind: "sealDifferences", rows: r._value}))',
  )}

${pipe(
  'union(tables: [none, open, seals])',
  `reduce(
      identity: {deadLetters: 0, sealDifferences: 0},
      fn: (r, accumulator) => ({
        deadLetters: accumulator.deadLetters + (if r.kind == "deadLetters" then r.rows else 0),
        sealDifferences: accumulator.sealDifferences + (if r.kind == "sealDifferences" then r.rows else 0),
      }),
    )`,
)}`,
  columns: ['deadLetters', 'sealDifferences'],
});
