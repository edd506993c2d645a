import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeSorted } from './merge.ts';

async function* pagesOf(numbers: readonly number[], size: number, closed: () => void = () => {}) {
  try {
    for (let at = 0; at < numbers.length; at += size) yield numbers.slice(at, at + size);
  } finally {
    closed();
  }
}

test('sources in order become one in order, whatever the pages', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(50))), fc.integer({ min: 1, max: 7 }), async (lists, size) => {
      const sorted = lists.map((list) => list.toSorted((a, b) => a - b));
      const merged: number[] = [];
      for await (const page of mergeSorted(
        sorted.map((list) => pagesOf(list, size)),
        (a, b) => a - b,
      ))
        merged.push(...page);
      expect(merged).toEqual(lists.flat().sort((a, b) => a - b));
    }),
  );
});

test('a reader that stops early closes every source', async () => {
  let closed = 0;
  const sources = [1, 2, 3].map(() =>
    pagesOf(
      Array.from({ length: 2_000 }, (_, i) => i),
      10,
      () => closed++,
    ),
  );
  for await (const _ of mergeSorted(sources, (a, b) => a - b)) break;
  expect(closed).toBe(3);
});
