import { expect, it } from 'vitest';
import { reportedEvents } from '../../simulator/report.ts';
import { balanceOf, createLedger, identityOf } from './ledger.ts';

const time = '2026-02-03T04:05:06.000Z';
const body = JSON.stringify(
  reportedEvents({
    vehicle: 'car-1',
    samples: [
      { time, speedKmh: 50 },
      { time, speedKmh: 50, device: 'phone' },
    ],
    idPrefix: 'a',
  }),
);

it('keeps what was acknowledged, and nothing else', async () => {
  const answers = [503, 202, 202];
  const ledger = createLedger(async () => {
    const status = answers.shift();
    if (status === undefined) throw new Error('gone');
    return new Response('{}', { status });
  });
  await ledger.fetch('http://host', { body });
  expect(ledger.acknowledged.size).toBe(0);
  // Twice the same is the same.
  await ledger.fetch('http://host', { body });
  await ledger.fetch('http://host', { body });
  await expect(ledger.fetch('http://host', { body })).rejects.toThrow('gone');
  expect([...(ledger.acknowledged.get('car-1') ?? [])]).toEqual([identityOf(time), identityOf(time, 'phone')]);
  expect([...ledger.statuses]).toEqual([
    [503, 1],
    [202, 2],
    [0, 1],
  ]);
  expect(ledger.latenciesMs).toHaveLength(2);
});

it('tells what is missing, there twice, or unheard of', () => {
  const balance = balanceOf(new Set(['a', 'b', 'c']), ['a', 'a', 'b', 'd']);
  expect(balance).toEqual({ acknowledged: 3, missing: 1, twice: 1, unheard: 1 });
});
