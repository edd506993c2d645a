import { alerts } from '../parts/alerts.ts';
import { board } from '../parts/board.ts';
import { bars, ranking, table, tiles } from '../parts/panels.ts';
import { topSpeeds } from '../parts/trip-rows.ts';
import { tripsByTime, tripsByVehicle, tripTotals } from '../parts/trips.ts';
import { someVehicles, tripVehicles, zone } from '../parts/variables.ts';

const empty = 'No trip started in this range';
const harsh = 'Harsh is at least 3.7 m/s², where samples come at 1 Hz or faster.';

/** 6: how the vehicles are driven. */
export const driving = () =>
  board({
    uid: 'driving',
    title: 'Driving',
    description: 'Harsh events per 100 km, by vehicle and by day, and top speeds.',
    from: 'now-30d',
    refresh: '5m',
    variables: [someVehicles(tripVehicles), zone()],
    rows: [
      {
        panels: [
          tiles({
            title: 'In this range',
            description: `Sums over the trips that started in the range. ${harsh}`,
            query: tripTotals('harshPer100Km', 'harsh', 'harshAccelerations', 'harshBrakings', 'distanceKm'),
            empty,
            span: 24,
          }),
        ],
      },
      {
        panels: [
          ranking({
            title: 'Harsh events per 100 km',
            description: `Orange from 2, red from 5. ${harsh}`,
            query: tripsByVehicle('harshPer100Km'),
            empty,
            span: 8,
            height: 10,
            look: { harshPer100Km: { min: 0 } },
          }),
          bars({
            title: 'Harsh events a day',
            description: `Accelerations and brakings of all chosen vehicles. ${harsh}`,
            query: tripsByTime('1d', 'harshAccelerations', 'harshBrakings'),
            empty,
            span: 8,
            height: 10,
          }).interval('1d'),
          ranking({
            title: 'Top speed',
            description: 'Fastest speed of each vehicle in its trips of the range; orange from 130, red from 160 km/h.',
            query: topSpeeds(),
            empty,
            span: 8,
            height: 10,
          }),
        ],
      },
      {
        panels: [
          bars({
            title: 'Harsh events per 100 km, by day',
            description: `All harsh events of a day over all kilometres of that day. ${harsh}`,
            query: tripsByTime('1d', 'harshPer100Km'),
            empty,
            span: 12,
            height: 10,
          }).interval('1d'),
          table({
            title: 'Harsh events',
            description: `The latest 500 in the range. ${harsh} A click on the time opens the minutes around.`,
            query: alerts(['_time', 'vehicle', 'event', 'mps2', 'fromMs', 'toMs'], { kind: 'harsh' }),
            empty: 'No harsh event in this range',
            span: 12,
            height: 10,
            look: { _time: { link: 'trip' } },
          }),
        ],
      },
    ],
  });
