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

/** Sums over trips: the fields each is made of, and what a trip adds. */
const sums = {
  distanceKm: field('distanceKm'),
  movingS: field('movingS'),
  idleS: field('idleS'),
  fuelL: field('fuelL'),
  harshAccelerations: field('harshAccelerations'),
  harshBrakings: field('harshBrakings'),
  fuelKm: { of: ['fuelL', 'distanceKm'], add: `(if exists r.fuelL then ${number('distanceKm')} else 0.0)` },
  trips: { of: ['micro'], add: '(if exists r.micro and r.micro then 0.0 else 1.0)' },
} satisfies Record<string, Sum>;

interface Sum {
  of: TripField[];
  add: string;
}

function field(name: TripField): Sum {
  return { of: [name], add: number(name) };
}

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
  const used = sumsIn(columns.map((name) => keys[name]).join(' '));
  return pipe(
    trips([...new Set(used.flatMap((sum) => sums[sum].of))]),
    ...before,
    reduced(used),
    ...after,
    `map(fn: (r) => ({${columns.map((name) => `${name}: ${keys[name]}`).join(', ')}}))`,
  );
}

/** Only what is asked for is read: a fleet's month is tens of thousands of trips. */
const sumsIn = (expressions: string) =>
  (Object.keys(sums) as (keyof typeof sums)[]).filter((sum) => new RegExp(`r\\.${sum}\\b`).test(expressions));

const reduced = (used: readonly (keyof typeof sums)[]) => `reduce(
      identity: {${used.map((sum) => `${sum}: 0.0`).join(', ')}},
      fn: (r, accumulator) => ({
        ${used.map((sum) => `${sum}: accumulator.${sum} + ${sums[sum].add}`).join(',\n        ')},
      }),
    )`;

/** Days and months begin at midnight of the dashboard's variable `zone`. */
const zoned = ({ flux, columns }: Query): Query => ({
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
  flux: `import "timezone"\n\noption location = timezone.location(name: "${'${zone}'}")\n\n${flux}`,
  columns,
});
