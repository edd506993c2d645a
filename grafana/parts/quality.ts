import { pipe, type Query, source, theVehicle } from './flux.ts';
import { clippedRange, clipTo } from './range.ts';

/** Samples of each device of the vehicle in each interval, of at most the range's last day. */
export const samplesPerWindow = (): Query => ({
  flux: `${clipTo('24h')}
${pipe(
  source({ bucket: 'telemetry_raw', measurement: 'sample', range: clippedRange, vehicles: theVehicle }),
  'filter(fn: (r) => r._field == "present")',
  'aggregateWindow(every: v.windowPeriod, fn: count, createEmpty: false, timeSrc: "_start")',
  'keep(columns: ["_time", "_value", "device"])',
)}`,
  columns: ['_time', '_value', 'device'],
});
