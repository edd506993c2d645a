import { alerts } from '../parts/alerts.ts';
import { codeMarks, harshMarks, tripMarks } from '../parts/annotations.ts';
import { board } from '../parts/board.ts';
import { theVehicle } from '../parts/flux.ts';
import { route } from '../parts/map.ts';
import { bands, bars, distribution, lines, table, tiles } from '../parts/panels.ts';
import { samplesPerWindow } from '../parts/quality.ts';
import { sensorRows, sensors } from '../parts/sensors.ts';
import { stateBands } from '../parts/states.ts';
import { distances, tripRows } from '../parts/trip-rows.ts';
import { oneVehicle, tripVehicles } from '../parts/variables.ts';

const empty = 'The vehicle did not report this in the range';

/** 4: one trip, which is a vehicle and a range; the table of trips links here with both. */
export const tripDetail = () =>
  board({
    uid: 'trip',
    title: 'Trip detail',
    description: 'One trip: choose it in Trips, which opens this with its vehicle and range.',
    from: 'now-6h',
    refresh: '',
    variables: [oneVehicle(tripVehicles)],
    annotations: [tripMarks(theVehicle), harshMarks(theVehicle), codeMarks(theVehicle)],
    rows: [
      {
        panels: [
          tiles({
            title: 'Trip',
            description: 'The last trip that started in the range.',
            query: tripRows(
              [
                'distanceKm',
                'durationS',
                'movingS',
                'idleS',
                'movingAvgSpeedKmh',
                'maxSpeedKmh',
                'fuelL?',
                'harsh',
                'status',
              ],
              { vehicles: theVehicle, limit: 1 },
            ),
            empty: 'No trip started in the range',
            span: 24,
          }),
        ],
      },
      {
        panels: [
          route(
            {
              title: 'Route',
              description: 'Positions as a line, coloured by speed.',
              query: sensorRows('last', 'latitude', 'longitude', 'speedKmh'),
              empty: 'No position in the range',
              span: 10,
              height: 16,
            },
            { colour: 'speedKmh' },
          ),
          [
            lines({
              title: 'Speed',
              description:
                'Harsh accelerations and brakings are marked. Samples of 1 Hz where the range is short enough.',
              query: sensors('mean', 'speedKmh', 'gpsSpeedKmh'),
              empty,
              span: 14,
            }).interval('1s'),
            lines({
              title: 'Elevation',
              description: 'Altitude by GPS, which is off by some ten metres at times.',
              query: sensors('mean', 'altitudeM'),
              empty,
              span: 14,
            }).interval('1s'),
          ],
        ],
      },
      {
        panels: [
          bands(
            {
              title: 'Driving and idling',
              description: 'Moving: at least 3 km/h. Idling: engine on at rest. Nothing for a minute: a gap.',
              query: stateBands(),
              empty: 'Nothing was reported in the range',
              span: 24,
            },
            { gapMs: 60_000 },
          ).interval('1s'),
        ],
      },
      {
        panels: [
          lines({
            title: 'Temperatures',
            description: 'Means of each interval.',
            query: sensors('mean', 'coolantC', 'intakeAirC', 'ambientC'),
            empty,
            span: 8,
          }),
          distribution(
            {
              title: 'Speed histogram',
              description: 'Intervals in each band of 10 km/h, standing included.',
              query: sensors('mean', 'speedKmh'),
              empty,
              span: 8,
            },
            10,
          ),
          table({
            title: 'Harsh events',
            description: 'Accelerations and brakings of at least 3.7 m/s² in the range.',
            query: alerts(['_time', 'event', 'mps2'], { kind: 'harsh', vehicles: theVehicle }),
            empty: 'No harsh event in the range',
            span: 8,
          }),
        ],
      },
      {
        title: 'Quality of the data',
        panels: [
          bars({
            title: 'Samples in each interval',
            description:
              'Where a bar is missing or low, samples are: a tunnel, a device that was off, or data still on its way.',
            query: samplesPerWindow(),
            empty,
            span: 10,
            each: { by: 'device', unit: 'short', decimals: 0 },
          }).interval('10s'),
          lines({
            title: 'Position accuracy',
            description: 'Horizontal accuracy as the receiver estimates it; positions worse than 50 m are not used.',
            query: sensors('max', 'gpsAccuracyM'),
            empty,
            span: 7,
          }),
          table({
            title: 'Distance by method',
            description:
              'The distance of the last trip of the range by each method. The best there is counts: odometer, then speed by OBD-II, then by GPS, then positions.',
            query: distances(theVehicle),
            empty: 'No trip started in the range',
            span: 4,
          }),
          tiles({
            title: 'Coverage',
            description: 'Share of the trip that samples cover, time in gaps, and how many samples there are.',
            query: tripRows(['coveragePct', 'gapS', 'sampleCount'], { vehicles: theVehicle, limit: 1 }),
            empty: 'No trip started in the range',
            span: 3,
            height: 8,
          }),
        ],
      },
    ],
  });
