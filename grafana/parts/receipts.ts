import { dashboardRange, fields, pipe, type Query, type Source, source, table } from './flux.ts';
import { clippedRange, clipTo } from './range.ts';

const receipts = (range = dashboardRange): Source => ({ bucket: 'telemetry_raw', measurement: 'receipt', range });

/** Raw data is a week: whatever waits is in it. */
const week = 'range(start: -7d, stop: 5m)';

/** What waits now: receipts that are not enriched or not in trips, not rolled up, and driven again by the sweep. */
const waitingKinds = { pending: 'pending', rollup: 'unrolled', attempts: 'drivenAgain' } as const;
const waiting = pipe(source(receipts(week)), fields(...Object.keys(waitingKinds)), 'filter(fn: (r) => r._value > 0)');
const countWaiting = Object.entries(waitingKinds)
  .map(([field, name]) => `${name}: accumulator.${name} + (if r._field == "${field}" then 1 else 0)`)
  .join(',\n        ');
const noneWaiting = Object.values(waitingKinds).map((name) => `${name}: 0`);

/** All of them, zeros where nothing waits. */
export const waitingNow = (): Query => {
  const columns = Object.values(waitingKinds);
  return {
    flux: `import "array"

none = array.from(rows: [{_field: "none", _value: 0}])
waiting = ${waiting}
  |> group()
  |> keep(columns: ["_field", "_value"])

${pipe(
  'union(tables: [none, waiting])',
  `reduce(
      identity: {${noneWaiting.join(', ')}},
      fn: (r, accumulator) => ({
        ${countWaiting},
      }),
    )`,
)}`,
    columns,
  };
};

/** By vehicle, with the first sample of what waits longest. */
export const waitingByVehicle = (): Query => {
  const columns = ['vehicle', ...Object.values(waitingKinds), 'oldest'];
  return {
    flux: pipe(
      waiting,
      'group(columns: ["vehicle"])',
      `reduce(
      identity: {${noneWaiting.join(', ')}, oldest: 2200-01-01T00:00:00Z},
      fn: (r, accumulator) => ({
        ${countWaiting},
        oldest: if int(v: r._time) < int(v: accumulator.oldest) then r._time else accumulator.oldest,
      }),
    )`,
      'group()',
      'sort(columns: ["oldest"])',
      'limit(n: 500)',
      table(columns),
    ),
    columns,
  };
};

/** Samples in requests that were answered with 202, a second, by the time of their first sample. */
export const rate = (): Query => ({
  flux: pipe(
    source(receipts()),
    fields('n'),
    'aggregateWindow(every: v.windowPeriod, fn: sum, createEmpty: false, timeSrc: "_start")',
    'group()',
    'sort(columns: ["_time"])',
    'aggregateWindow(every: v.windowPeriod, fn: sum, createEmpty: false, timeSrc: "_start")',
    'map(fn: (r) => ({_time: r._time, samplesPerS: float(v: r._value) / (float(v: int(v: v.windowPeriod)) / 1000000000.0)}))',
  ),
  columns: ['_time', 'samplesPerS'],
});

/** From the first sample of a receipt to the server: of each interval the last receipt of each vehicle, the worst and the mean. */
export const deliveryLag = (): Query => ({
  flux: pipe(
    source(receipts()),
    fields('receivedMs'),
    'window(every: v.windowPeriod)',
    'max()',
    'group()',
    `map(fn: (r) => ({_time: r._start, lagS: float(v: r._value - int(v: r._time) / 1000000) / 1000.0}))`,
    'group(columns: ["_time"])',
    `reduce(
      identity: {n: 0.0, sumS: 0.0, worstS: 0.0},
      fn: (r, accumulator) => ({
        n: accumulator.n + 1.0,
        sumS: accumulator.sumS + r.lagS,
        worstS: if r.lagS > accumulator.worstS then r.lagS else accumulator.worstS,
      }),
    )`,
    'group()',
    'sort(columns: ["_time"])',
    'map(fn: (r) => ({_time: r._time, meanLagS: r.sumS / r.n, worstLagS: r.worstS}))',
  ),
  columns: ['_time', 'meanLagS', 'worstLagS'],
});

/** Receipts of the last hours whose first sample was over five minutes old when it came, by samples. */
export const lateShare = (): Query => ({
  flux: `${clipTo('6h')}
${pipe(
  source(receipts(clippedRange)),
  fields('receivedMs', 'n'),
  'pivot(rowKey: ["_time", "vehicle"], columnKey: ["_field"], valueColumn: "_value")',
  'group()',
  `reduce(
      identity: {samples: 0.0, late: 0.0},
      fn: (r, accumulator) => ({
        samples: accumulator.samples + float(v: r.n),
        late: accumulator.late + (if r.receivedMs - int(v: r._time) / 1000000 > 300000 then float(v: r.n) else 0.0),
      }),
    )`,
  'map(fn: (r) => ({received: int(v: r.samples), latePct: if r.samples > 0.0 then 100.0 * r.late / r.samples else 0.0}))',
)}`,
  columns: ['received', 'latePct'],
});

/** Samples that came against samples that are there, of the last hours: the difference came twice. */
export const duplicates = (): Query => ({
  flux: `import "array"

${clipTo('6h')}
none = array.from(rows: [{kind: "none", samples: 0}])
received = ${pipe(source(receipts(clippedRange)), fields('n'), 'sum()', 'group()', 'map(fn: (r) => ({kind: "received", samples: r._value}))')}
stored = ${pipe(
    source({ bucket: 'telemetry_raw', measurement: 'sample', range: clippedRange }),
    fields('present'),
    'count()',
    'group()',
    'map(fn: (r) => ({kind: "stored", samples: r._value}))',
  )}

${pipe(
  'union(tables: [none, received, stored])',
  `reduce(
      identity: {received: 0, stored: 0},
      fn: (r, accumulator) => ({
        received: accumulator.received + (if r.kind == "received" then r.samples else 0),
        stored: accumulator.stored + (if r.kind == "stored" then r.samples else 0),
      }),
    )`,
  `map(fn: (r) => ({r with duplicatePct:
      if r.received > r.stored then 100.0 * float(v: r.received - r.stored) / float(v: r.received) else 0.0}))`,
)}`,
  columns: ['received', 'stored', 'duplicatePct'],
});
