import { number, pipe, type Query } from './flux.ts';
import { sensorRows } from './sensors.ts';

/** What the vehicle did in each interval in which it reported: by its fastest speed, and by its engine where it was at rest. */
export function stateBands(): Query {
  return {
    flux: pipe(
      sensorRows('max', 'speedKmh', 'gpsSpeedKmh', 'engineRpm').flux,
      `map(fn: (r) => ({
      _time: r._time,
      state: if ${number('speedKmh', number('gpsSpeedKmh'))} >= 3.0 then "moving" else if ${number('engineRpm')} > 0.0 then "idle" else "parked",
    }))`,
    ),
    columns: ['_time', 'state'],
  };
}
