import { board } from '../parts/board.ts';
import { bars, ranking, table, tiles } from '../parts/panels.ts';
import { tripSeries, tripsByTime, tripsByVehicle, tripTotals } from '../parts/trips.ts';
import { someVehicles, tripVehicles, zone } from '../parts/variables.ts';

const empty = 'No trip started in this range';
const counted = 'By the trips that started in the range.';

/** 5: how much the vehicles are used. */
export const utilisation = () =>
  board({
    uid: 'utilisation',
    title: 'Utilisation',
    description: 'Kilometres, engine hours, idling and fuel, by day and by vehicle.',
    from: 'now-30d',
    refresh: '5m',
    variables: [someVehicles(tripVehicles), zone()],
    rows: [
      {
        panels: [
          tiles({
            title: 'In this range',
            description: `${counted} Engine hours are moving and idling; fuel per 100 km is of the trips whose fuel is known.`,
            query: tripTotals('trips', 'distanceKm', 'drivenH', 'idleH', 'idlePct', 'fuelL', 'litresPer100Km'),
            empty,
            span: 24,
          }),
        ],
      },
      {
        panels: [
          bars({
            title: 'Distance a day',
            description: `Kilometres of each vehicle. ${counted}`,
            query: tripSeries('1d', 'distanceKm'),
            empty,
            span: 12,
            height: 9,
            each: { by: 'vehicle', unit: 'lengthkm', decimals: 0 },
          }).interval('1d'),
          bars({
            title: 'Engine hours a day',
            description: `Hours moving and idling of all chosen vehicles. ${counted}`,
            query: tripsByTime('1d', 'movingH', 'idleH'),
            empty,
            span: 12,
            height: 9,
          }).interval('1d'),
        ],
      },
      {
        panels: [
          ranking({
            title: 'Idle share',
            description: `Idling as a share of engine hours; orange from 15 %, red from 30 %. ${counted}`,
            query: tripsByVehicle('idlePct'),
            empty,
            span: 6,
          }),
          ranking({
            title: 'Fuel per 100 km',
            description: `Litres per 100 km over the trips whose fuel is measured or estimated; 0 where none is. ${counted}`,
            query: tripsByVehicle('litresPer100Km'),
            empty,
            span: 6,
            look: { litresPer100Km: { unit: 'litre', min: 0, colour: 'blue' } },
          }),
          bars({
            title: 'Fuel a day',
            description: `Litres of each vehicle, measured or estimated from mass air flow. ${counted}`,
            query: tripSeries('1d', 'fuelL'),
            empty,
            span: 12,
            each: { by: 'vehicle', unit: 'litre', decimals: 1 },
          }).interval('1d'),
        ],
      },
      {
        panels: [
          table({
            title: 'Vehicles',
            description: `${counted} A click on a vehicle opens it.`,
            query: tripsByVehicle(
              'trips',
              'distanceKm',
              'avgTripKm',
              'drivenH',
              'idleH',
              'idlePct',
              'fuelL',
              'litresPer100Km',
            ),
            empty,
            span: 24,
            height: 9,
          }),
        ],
      },
    ],
  });
