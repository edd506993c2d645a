import { celsius, count, km, kmh } from '../looks/look.ts';
import { board } from '../parts/board.ts';
import type { PanelText } from '../parts/dress.ts';
import { limits } from '../parts/limits.ts';
import { longRange } from '../parts/long-range.ts';
import { bars, lines } from '../parts/panels.ts';
import { tripSeries, tripsByTime } from '../parts/trips.ts';
import { everRolledUp, someVehicles, zone } from '../parts/variables.ts';

const noRows = 'No 5-minute rows in this range: they come with the rollups, minutes after the samples';
const noTrips = 'No trip started in this range';

/** 7: months and years. */
export const longRangeBoard = () =>
  board({
    uid: 'longRange',
    title: 'Long range',
    description: 'Months and years: distance, wear and health of the vehicles.',
    from: 'now-1y',
    refresh: '',
    variables: [someVehicles(everRolledUp), zone()],
    rows: [
      {
        panels: [
          bars({
            title: 'Distance a month',
            description: 'Kilometres of each vehicle by the month in which its trips started.',
            query: tripSeries('1mo', 'distanceKm'),
            empty: noTrips,
            span: 12,
            each: { by: 'vehicle', ...km, decimals: 0 },
          }).interval('1d'),
          bars({
            title: 'Engine hours a month',
            description: 'Hours moving and idling of all chosen vehicles, by the month in which trips started.',
            query: tripsByTime('1mo', 'movingH', 'idleH'),
            empty: noTrips,
            span: 12,
          }).interval('1d'),
        ],
      },
      {
        panels: [
          curve({
            title: 'Odometer',
            description: 'The highest reading of each interval, of vehicles that tell it.',
            query: longRange('odometerKm', 'max'),
            each: { by: 'vehicle', ...km, decimals: 0 },
          }),
          curve({
            title: 'Top speed',
            description: 'The fastest of each interval.',
            query: longRange('speedKmh', 'max'),
            each: { by: 'vehicle', ...kmh },
          }),
        ],
      },
      {
        panels: [
          limits(
            curve({
              title: 'Hottest coolant',
              description: 'The warmest of each interval: a slow rise over months is a cooling system that ages.',
              query: longRange('coolantC', 'max'),
              each: { by: 'vehicle', ...celsius },
            }),
            'coolantC',
          ),
          limits(
            curve({
              title: 'Lowest voltage',
              description: 'The lowest of each interval: a battery that ages falls lower at each start.',
              query: longRange('batteryV', 'min'),
              each: { by: 'vehicle', unit: 'volt', decimals: 1 },
            }),
            'batteryV',
          ),
        ],
      },
      {
        panels: [
          curve({
            title: 'Outside temperature',
            description: 'Means of each interval: the season that other curves follow.',
            query: longRange('ambientC', 'mean'),
            each: { by: 'vehicle', ...celsius },
          }),
          curve({
            title: 'Samples',
            description: 'Samples in each interval: how much the other curves stand on.',
            query: longRange('count', 'sum'),
            each: { by: 'vehicle', ...count },
          }),
        ],
      },
    ],
  });

/** Nights and weekends are no gaps here. */
const gapMs = 7 * 86_400_000;

const curve = ({ description, ...text }: Omit<PanelText, 'empty' | 'span'>) =>
  lines(
    {
      ...text,
      description: `${description} From 5-minute rows, which are kept for two years.`,
      empty: noRows,
      span: 12,
    },
    { gapMs, fill: 0 },
  ).interval('1h');
