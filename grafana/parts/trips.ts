import type { tripFields } from '../../functions/lib/store/influx/names.ts';
import { chosen, dashboardRange, fields, number, pipe, pivot, type Query, source, table } from './flux.ts';

type TripField = (typeof tripFields)[number] | 'endedBy' | 'distanceMethod' | 'micro';

/** The rows of trips that started in the range, one each; what was retracted is none. */
export const trips = (names: readonly TripField[], { vehicles = chosen, range = dashboardRange } = {}): string =>
  pipe(
    source({ bucket: 'fleet', measurement: 'trip', range, vehicles }),
    fields('status', ...names),
    pivot('_time', 'vehicle'),
    'filter(fn: (r) => r.status != "retracted")',
    'group()',
  );

const summed = ['distanceKm', 'movingS', 'idleS', 'fuelL', 'harshAccelerations', 'harshBrakings'] as const;
const sums = [...summed, 'fuelKm', 'trips'] as const;

/** What trips add up to. Shares are of the sums, not means of shares; `fuelKm` is the distance of trips with a known fuel. */
const derived = {
  trips: 'int(v: r.trips)',
  distanceKm: 'r.distanceKm',
  drivenH: '(r.movingS + r.idleS) / 3600.0',
  movingH: 'r.movingS / 3600.0',
  idleH: 'r.idleS / 3600.0',
  idlePct: 'if r.movingS + r.idleS > 0.0 then 100.0 * r.idleS / (r.movingS + r.idleS) else 0.0',
  avgTripKm: 'if r.trips > 0.0 then r.distanceKm / r.trips else 0.0',
  fuelL: 'r.fuelL',
  litresPer100Km: 'if r.fuelKm > 0.0 then 100.0 * r.fuelL / r.fuelKm else 0.0',
  harsh: 'int(v: r.harshAccelerations + r.harshBrakings)',
  harshAccelerations: 'int(v: r.harshAccelerations)',
  harshBrakings: 'int(v: r.harshBrakings)',
  harshPer100Km: 'if r.distanceKm > 0.0 then 100.0 * (r.harshAccelerations + r.harshBrakings) / r.distanceKm else 0.0',
} as const;
export type TripSum = keyof typeof derived;

/** Sums over all trips of the range, in one row. */
export const tripTotals = (...names: readonly TripSum[]): Query => tripSums(names, [], []);

/** Sums over the trips of each vehicle, a row each. */
export const tripsByVehicle = (...names: readonly TripSum[]): Query => {
  const steps = ['group(columns: ["vehicle"])'];
  return tripSums(['vehicle', ...names], steps, ['group()', 'sort(columns: ["vehicle"])', 'limit(n: 500)']);
};

/** Sums over the trips that started in each day or month, a row each. */
export const tripsByTime = (every: '1d' | '1mo', ...names: readonly TripSum[]): Query =>
  zoned(tripSums(['_time', ...names], [`window(every: ${every})`], ['group()', 'sort(columns: ["_start"])']));

/** A sum over the trips of each vehicle that started in each day or month, a series for each vehicle. */
export const tripSeries = (every: '1d' | '1mo', name: TripSum): Query => {
  const steps = ['group(columns: ["vehicle"])', `window(every: ${every})`];
  return zoned({
    flux: pipe(
      rowsOfSums(['_time', 'vehicle', name], steps, []),
      `rename(columns: {${name}: "_value"})`,
      'group(columns: ["vehicle"])',
    ),
    columns: ['_time', '_value', 'vehicle'],
  });
};

function tripSums(columns: readonly string[], before: string[], after: string[]): Query {
  return { flux: pipe(rowsOfSums(columns, before, after), table(columns)), columns };
}

function rowsOfSums(columns: readonly string[], before: string[], after: string[]): string {
  const keys: Record<string, string> = { ...derived, _time: 'r._start', vehicle: 'r.vehicle' };
  return pipe(
    trips([...summed, 'micro']),
    ...before,
    reduceTrips,
    ...after,
    `map(fn: (r) => ({${columns.map((name) => `${name}: ${keys[name]}`).join(', ')}}))`,
  );
}

/** Days and months begin at midnight of the dashboard's variable `zone`. */
const zoned = ({ flux, columns }: Query): Query => ({
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
  flux: `import "timezone"\n\noption location = timezone.location(name: "${'${zone}'}")\n\n${flux}`,
  columns,
});

const reduceTrips = `reduce(
      identity: {${sums.map((name) => `${name}: 0.0`).join(', ')}},
      fn: (r, accumulator) => ({
        ${summed.map((name) => `${name}: accumulator.${name} + ${number(name)}`).join(',\n        ')},
        fuelKm: accumulator.fuelKm + (if exists r.fuelL then ${number('distanceKm')} else 0.0),
        trips: accumulator.trips + (if exists r.micro and r.micro then 0.0 else 1.0),
      }),
    )`;
