import { alerts } from '../parts/alerts.ts';
import { codeMarks, tripMarks } from '../parts/annotations.ts';
import { board } from '../parts/board.ts';
import { theVehicle } from '../parts/flux.ts';
import { limits } from '../parts/limits.ts';
import { route } from '../parts/map.ts';
import { bands, lines, table, tiles } from '../parts/panels.ts';
import { sensorRows, sensors } from '../parts/sensors.ts';
import { stateBands } from '../parts/states.ts';
import { tripRows } from '../parts/trip-rows.ts';
import { oneVehicle, recentVehicles } from '../parts/variables.ts';
import { latest } from '../parts/vehicles.ts';

const empty = 'The vehicle did not report this in the range';
const tiers = 'Up to a few hours from samples, longer ranges from 1-minute, the longest from 5-minute rows.';

/** 2: one vehicle. */
export const vehicle = () =>
  board({
    uid: 'vehicle',
    title: 'Vehicle',
    description: 'The sensors of one vehicle over time, what it did, and its trouble codes.',
    from: 'now-6h',
    refresh: '30s',
    variables: [oneVehicle(recentVehicles)],
    annotations: [tripMarks(theVehicle), codeMarks(theVehicle)],
    rows: [
      {
        panels: [
          tiles({
            title: 'Latest values',
            description: 'The latest value of each sensor in the last 7 days, whatever range is chosen.',
            query: latest(['state', 'seen', 'speedKmh', 'coolantC?', 'batteryV?', 'fuelLevelPct?', 'odometerKm?'], {
              vehicles: theVehicle,
            }),
            empty: 'The vehicle has not reported in the last 7 days',
            span: 24,
          }),
        ],
      },
      {
        panels: [
          bands({
            title: 'State',
            description: 'Moving: at least 3 km/h. Idling: engine on at rest. Nothing for 15 minutes: no colour.',
            query: stateBands(),
            empty: 'Nothing was reported in the range',
            span: 24,
          }),
        ],
      },
      {
        panels: [
          lines({
            title: 'Speed and engine speed',
            description: `Means of each interval. ${tiers}`,
            query: sensors('mean', 'speedKmh', 'engineRpm'),
            empty,
            span: 15,
            height: 11,
          }),
          route(
            {
              title: 'Route',
              description: 'The last position of each interval as a line, coloured by speed.',
              query: sensorRows('last', 'latitude', 'longitude', 'speedKmh'),
              empty: 'No position in the range',
              span: 9,
              height: 11,
            },
            { colour: 'speedKmh' },
          ),
        ],
      },
      {
        panels: [
          limits(
            lines({
              title: 'Coolant',
              description: `Warmest of each interval; orange from 105 °C, red from 115 °C. ${tiers}`,
              query: sensors('max', 'coolantC'),
              empty,
              span: 8,
            }),
            'coolantC',
          ),
          limits(
            lines({
              title: 'Voltage',
              description: `Lowest of each interval. A resting battery under 12.2 V is low; over 15 V the alternator overcharges. ${tiers}`,
              query: sensors('min', 'batteryV'),
              empty,
              span: 8,
            }),
            'batteryV',
          ),
          lines({
            title: 'Fuel level',
            description: `Means of each interval; a float in a tank moves with the road. ${tiers}`,
            query: sensors('mean', 'fuelLevelPct'),
            empty,
            span: 8,
          }),
        ],
      },
      {
        panels: [
          lines({
            title: 'Engine load and throttle',
            description: `Means of each interval. ${tiers}`,
            query: sensors('mean', 'engineLoadPct', 'throttlePct'),
            empty,
            span: 8,
          }),
          table({
            title: 'Code history',
            description: 'Trouble codes that appeared or went away in the range, the latest first.',
            query: alerts(['_time', 'event', 'troubleCode'], { kind: 'code', vehicles: theVehicle }),
            empty: 'No trouble code changed in the range',
            span: 7,
          }),
          table({
            title: 'Trips',
            description: 'Trips that started in the range. A click on the time opens one.',
            query: tripRows(['_time', 'durationS', 'distanceKm', 'maxSpeedKmh', 'vehicle', 'fromMs', 'toMs'], {
              vehicles: theVehicle,
              limit: 100,
            }),
            empty: 'No trip started in the range',
            span: 9,
            look: { _time: { link: 'trip' }, vehicle: { cell: 'hidden' } },
          }),
        ],
      },
    ],
  });
