import { expect, test } from 'vitest';
import { randomFor } from './random.ts';

const draws = (...keys: (string | number)[]) => {
  const random = randomFor(...keys);
  return Array.from({ length: 1_000 }, () => random.next());
};

test('the same keys give the same numbers, other keys give others', () => {
  expect(draws(1, 'demo-1')).toEqual(draws(1, 'demo-1'));
  expect(draws(1, 'demo-1')).not.toEqual(draws(1, 'demo-2'));
  // Keys are kept apart: otherwise (1, 23) and (12, 3) would share a stream.
  expect(draws(1, 23)).not.toEqual(draws(12, 3));
});

test('the first numbers of a known key stay the same for ever, because recorded drives hang on them', () => {
  expect(draws('fixed').slice(0, 2)).toMatchInlineSnapshot(`
    [
      0.22229615389369428,
      0.8121362044475973,
    ]
  `);
});

test('numbers are spread evenly over [0, 1), and normal ones have mean 0 and deviation 1', () => {
  const values = draws('even');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  expect(mean(values)).toBeCloseTo(0.5, 1);
  const random = randomFor('normal');
  const normal = Array.from({ length: 10_000 }, () => random.normal());
  expect(mean(normal)).toBeCloseTo(0, 1);
  expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
});

test('whole numbers include both ends, and shuffling keeps all items', () => {
  const random = randomFor('whole');
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  expect(random.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
});
