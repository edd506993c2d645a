import { board } from '../parts/board.ts';
import { deadLetters, troubles } from '../parts/dead-letters.ts';
import { lines, table, tiles } from '../parts/panels.ts';
import { deliveryLag, duplicates, lateShare, rate, waitingByVehicle, waitingNow } from '../parts/receipts.ts';
import { recentVehicles, someVehicles } from '../parts/variables.ts';

const empty = 'Nothing was received in this range';

/** 8: whether everything arrives and is processed. All of it is read off receipts and dead letters in the store. */
export const pipeline = () =>
  board({
    uid: 'pipeline',
    title: 'Pipeline',
    description: 'Whether samples arrive, how late, and what still waits: read off the receipts in the store.',
    from: 'now-6h',
    refresh: '30s',
    variables: [someVehicles(recentVehicles)],
    rows: [
      {
        panels: [
          tiles({
            title: 'Waiting now',
            description:
              'Receipts of the last week: pending ones are not yet enriched or in trips; the others wait for the next rollup (every 5 minutes); driven again are those that the sweep had to take up.',
            query: waitingNow(),
            empty,
            span: 8,
          }),
          tiles({
            title: 'Must be 0',
            description:
              'Dead letters of the last 90 days that were not replayed, and rows that sealing a day found different in the last week.',
            query: troubles(),
            empty,
            span: 5,
          }),
          tiles({
            title: 'Came late',
            description:
              'Samples received, and the share in receipts whose first sample was over 5 minutes old: late uploads, as from a phone that was out of the network. Of at most the last 6 hours of the range.',
            query: lateShare(),
            empty,
            span: 5,
          }),
          tiles({
            title: 'Came twice',
            description:
              'Samples received against samples in the store, of at most the last 6 hours of the range: a client that repeats what was answered with 202 shows here.',
            query: duplicates(),
            empty,
            span: 6,
          }),
        ],
      },
      {
        panels: [
          lines({
            title: 'Samples a second',
            description: 'Samples that were answered with 202, by the time of the first sample of their receipt.',
            query: rate(),
            empty,
            span: 12,
            height: 9,
          }).interval('1m'),
          lines({
            title: 'Delivery lag',
            description:
              'From the first sample of a receipt to its arrival: of each interval the last receipt of each vehicle, their mean and the worst. A batch of 10 seconds lags 10 seconds.',
            query: deliveryLag(),
            empty,
            span: 12,
            height: 9,
          }).interval('1m'),
        ],
      },
      {
        panels: [
          table({
            title: 'Waiting, by vehicle',
            description: 'Receipts of the last week that are not done, with the first sample of the oldest.',
            query: waitingByVehicle(),
            empty: 'Nothing waits',
            span: 9,
            height: 9,
          }),
          table({
            title: 'Dead letters',
            description:
              'Events that no function could take, in the range. `npx fleet dead-letters` shows and replays them.',
            query: deadLetters(),
            empty: 'No dead letter in this range',
            span: 15,
            height: 9,
          }),
        ],
      },
    ],
  });
