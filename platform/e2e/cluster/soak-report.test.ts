import { expect, it } from 'vitest';
import { type SoakFigures, soakText, troublesOf } from './soak-report.ts';

const pod = (service: string) => ({ service, ending: false });
const figures: SoakFigures = {
  ...{ cars: 2, minutes: 1, startedMs: 0, stoppedMs: 60_000, tickAtMs: 300_000, nextTickAtMs: 600_000 },
  looks: [
    { atMs: 30_000, pods: [pod('ingest'), pod('ingest'), pod('enrich')] },
    { atMs: 290_000, pods: [] },
    { atMs: 302_000, pods: [pod('downsample')] },
    { atMs: 350_000, pods: [] },
    { atMs: 598_000, pods: [] },
  ],
  statuses: new Map([
    [202, 3],
    [0, 1],
  ]),
  latenciesMs: [30, 10, 20],
  balance: { acknowledged: 9, missing: 0, twice: 0, unheard: 1 },
  trips: { all: 2, ended: 1 },
  receipts: { pending: 0, oldestPendingAt: null, rollup: 0, oldestRollupAt: null },
  newDeadLetters: 0,
};

it('prints what was seen', () => {
  const text = soakText(figures);
  expect(text).toContain('4 requests: 3 × 202, 1 × no answer');
  expect(text).toContain('p50 20 ms, p99 20 ms, at most 30 ms');
  expect(text).toContain('pods at most: ingest 2, enrich 1');
  expect(text).toContain('downsample from 2 to 50 s');
  expect(text).toContain('in the 250 s before');
  expect(troublesOf(figures)).toEqual([]);
});

it.each<[string, Partial<SoakFigures>]>([
  ['1 acknowledged samples are missing', { balance: { ...figures.balance, missing: 1 } }],
  ['1 samples are there twice', { balance: { ...figures.balance, twice: 1 } }],
  ['1 receipts are pending', { receipts: { ...figures.receipts, pending: 1 } }],
  ['1 new dead letters', { newDeadLetters: 1 }],
  ['refusals for good: 422', { statuses: new Map([[422, 1]]) }],
  ['a tick woke enrich', { looks: [{ atMs: 301_000, pods: [pod('enrich')] }, ...figures.looks.slice(3)] }],
  ['functions do not sleep between ticks', { looks: [{ atMs: 599_000, pods: [pod('downsample')] }] }],
])('says: %s', (trouble, change) => {
  expect(troublesOf({ ...figures, ...change })).toEqual([trouble]);
});
