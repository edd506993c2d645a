import { stateWords } from '../looks/sensors.ts';
import { alerts, codesNow } from '../parts/alerts.ts';
import { board } from '../parts/board.ts';
import { markers } from '../parts/map.ts';
import { ranking, table, tiles } from '../parts/panels.ts';
import { tripTotals } from '../parts/trips.ts';
import { recentVehicles, someVehicles } from '../parts/variables.ts';
import { latest, stateCounts, stateNames } from '../parts/vehicles.ts';

const nothing = 'No vehicle has reported in the last 7 days';

/** 1: what everybody looks at first. */
export const fleetNow = () =>
  board({
    uid: 'now',
    title: 'Now',
    description: 'Where the vehicles are, what they do, how fresh that is, and what needs somebody.',
    from: 'now-24h',
    refresh: '30s',
    variables: [someVehicles(recentVehicles)],
    rows: [
      {
        panels: [
          tiles({
            title: 'Vehicles by state',
            description:
              'Moving: at least 3 km/h. Idling: at rest with the engine on. Parked: at rest. Offline: silent for 15 minutes since it moved, or for a day. By the latest values of the last 7 days, whatever range is chosen.',
            query: stateCounts(),
            empty: nothing,
            span: 10,
            look: Object.fromEntries(
              stateNames.map((name) => [name, { name: stateWords[name].text, colour: stateWords[name].colour }]),
            ),
          }),
          tiles({
            title: 'Today',
            description:
              'Trips that started today, by the clock of the browser. Trips under 200 m or 60 s are not counted.',
            query: tripTotals('trips', 'distanceKm', 'drivenH', 'fuelL', 'harsh'),
            empty: 'No trip today',
            span: 14,
          }).timeFrom('now/d'),
        ],
      },
      {
        panels: [
          markers(
            {
              title: 'Last positions',
              description: 'The last position of each vehicle in the last 7 days, coloured by what the vehicle does.',
              query: latest(['vehicle', 'latitude', 'longitude', 'state', 'speedKmh', 'seen'], {
                where: 'exists r.latitude and exists r.longitude',
              }),
              empty: nothing,
              span: 13,
              height: 15,
            },
            { colour: 'state', label: 'vehicle' },
          ),
          table({
            title: 'Vehicles',
            description: 'The latest value of each sensor in the last 7 days. A click on a vehicle opens it.',
            query: latest([
              'vehicle',
              'state',
              'seen',
              'speedKmh',
              'fuelLevelPct?',
              'batteryV?',
              'coolantC?',
              'dtcCount?',
            ]),
            empty: nothing,
            span: 11,
            height: 15,
          }),
        ],
      },
      {
        panels: [
          ranking({
            title: 'Silent for',
            description: 'Time since the last sample of each vehicle: the freshness of everything else here.',
            query: latest(['vehicle', 'silentS']),
            empty: nothing,
            span: 8,
            height: 9,
          }),
          table({
            title: 'Trouble codes now',
            description: 'Stored codes that were set and not cleared since, of the last 90 days.',
            query: codesNow(),
            empty: 'No trouble code is set',
            span: 8,
            height: 9,
          }),
          table({
            title: 'Harsh events',
            description:
              'Accelerations and brakings of at least 3.7 m/s² in the range. A click opens the minutes around.',
            query: alerts(['_time', 'vehicle', 'event', 'mps2', 'fromMs', 'toMs'], { kind: 'harsh' }),
            empty: 'No harsh event in this range',
            span: 8,
            height: 9,
            look: { _time: { link: 'trip' } },
          }),
        ],
      },
    ],
  });
