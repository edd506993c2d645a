import { codeMarks } from '../parts/annotations.ts';
import { board } from '../parts/board.ts';
import { bars, table, tiles } from '../parts/panels.ts';
import { tripRows } from '../parts/trip-rows.ts';
import { tripSeries, tripTotals } from '../parts/trips.ts';
import { someVehicles, tripVehicles, zone } from '../parts/variables.ts';

const empty = 'No trip started in this range';
const counted = 'Trips belong to the day they start in; those under 200 m or 60 s are not counted.';

/** 3: all trips. */
export const trips = () =>
  board({
    uid: 'trips',
    title: 'Trips',
    description: 'Trips that started in the range. A click on one opens it.',
    from: 'now-7d',
    refresh: '1m',
    variables: [someVehicles(tripVehicles), zone()],
    annotations: [codeMarks()],
    rows: [
      {
        panels: [
          tiles({
            title: 'In this range',
            description: `Sums over the trips that started in the range. Fuel per 100 km is of the trips whose fuel is known. ${counted}`,
            query: tripTotals(
              'trips',
              'distanceKm',
              'avgTripKm',
              'drivenH',
              'idlePct',
              'fuelL',
              'litresPer100Km',
              'harsh',
            ),
            empty,
            span: 24,
          }),
        ],
      },
      {
        panels: [
          bars({
            title: 'Trips a day',
            description: counted,
            query: tripSeries('1d', 'trips'),
            empty,
            span: 12,
            each: { by: 'vehicle', unit: 'short', decimals: 0 },
          }).interval('1d'),
          bars({
            title: 'Distance a day',
            description: `Kilometres by the best method of each trip. ${counted}`,
            query: tripSeries('1d', 'distanceKm'),
            empty,
            span: 12,
            each: { by: 'vehicle', unit: 'lengthkm', decimals: 0 },
          }).interval('1d'),
        ],
      },
      {
        panels: [
          table({
            title: 'Trips',
            description:
              'The latest 500. Idling is with the engine on; coverage is the share of the time that samples cover; micro trips are under 200 m or 60 s. A click on the start opens the trip.',
            query: tripRows([
              ...['_time', 'vehicle', 'status', 'durationS', 'distanceKm', 'movingAvgSpeedKmh', 'maxSpeedKmh', 'idleS'],
              ...['fuelL?', 'harsh', 'coveragePct', 'endedBy?', 'flags?', 'fromMs', 'toMs'],
            ]),
            empty,
            span: 24,
            height: 18,
            look: { _time: { name: 'Start', link: 'trip' } },
          }),
        ],
      },
    ],
  });
