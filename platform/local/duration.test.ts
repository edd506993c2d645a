import { expect, it } from 'vitest';
import { parseGoDurationMs, parseIsoDurationMs } from './duration.ts';

it.each([
  ['PT0.2S', 200],
  ['PT30S', 30_000],
  ['PT1M30S', 90_000],
  ['P1DT1H', 90_000_000],
  ['P2W', 1_209_600_000],
  ['PT0S', 0],
])('reads %s', (text, ms) => expect(parseIsoDurationMs(text)).toBe(ms));

it.each(['', 'P', 'PT', 'P1DT', '30S', 'P1Y', 'P1M', 'PT1S1M', '-PT1S', 'pt1s'])('refuses %j', (text) =>
  expect(parseIsoDurationMs(text)).toBeUndefined(),
);

it('reads durations as Go writes them', () => {
  expect(['60s', '1m30s', '1.5h', '500ms'].map(parseGoDurationMs)).toEqual([60_000, 90_000, 5_400_000, 500]);
  expect(['', '60', '1d', 's'].map(parseGoDurationMs)).toEqual([undefined, undefined, undefined, undefined]);
});
