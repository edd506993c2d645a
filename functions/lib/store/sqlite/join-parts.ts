import type { PartReceipt, SmallParts } from './known-parts.ts';
import type { Layout } from './layout.ts';
import { joinParts } from './parts.ts';

/** One receipt in the place of several of one vehicle and day, which are in their order. */
export function joinReceipts(small: SmallParts, id: number, layout: Layout): PartReceipt {
  const parts = small.map(({ part }) => part);
  const joined: PartReceipt = { ...(small[0] as PartReceipt), id, joined: 1, part: joinParts(parts, layout) };
  for (const { fromMs, toMs, count, receivedMs } of small.slice(1)) {
    joined.fromMs = Math.min(joined.fromMs, fromMs);
    joined.toMs = Math.max(joined.toMs, toMs);
    joined.receivedMs = Math.min(joined.receivedMs, receivedMs);
    joined.count += count;
  }
  return joined;
}

/** Numbers as the stretches of those that follow each other. */
export function stretchesOf(numbers: number[]): [first: number, last: number][] {
  const stretches: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const latest = stretches.at(-1);
    if (latest && latest[1] + 1 === number) latest[1] = number;
    else stretches.push([number, number]);
  }
  return stretches;
}
