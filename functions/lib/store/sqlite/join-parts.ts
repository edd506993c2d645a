import type { PartReceipt, Run } from './known-parts.ts';
import type { Layout } from './layout.ts';
import { joinParts } from './parts.ts';
import type { Connection } from './statements.ts';

/** Removes the receipts of runs, and answers those that are to be inserted in their place: one for each run. */
export function joinRuns(
  { sql }: Connection,
  runs: readonly Run[],
  nextId: () => number,
  layout: Layout,
): PartReceipt[] {
  // A list of any length is one value of one statement.
  const read = sql('SELECT * FROM receipt WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id');
  const remove = sql('DELETE FROM receipt WHERE id BETWEEN ? AND ?');
  const whole = runs.map(({ middle, small }) => {
    const stored = middle.length > 0 ? (read.all(JSON.stringify(middle)) as unknown as PartReceipt[]) : [];
    return [...stored, ...small];
  });
  const ids = whole.flat().map(({ id }) => id);
  for (const [first, last] of stretchesOf(ids)) remove.run(first, last);
  return whole.map((receipts) => joined(receipts, nextId(), layout));
}

/** One receipt in the place of several of one vehicle and day, which are in their order. */
function joined(receipts: readonly PartReceipt[], id: number, layout: Layout): PartReceipt {
  const [first] = receipts as [PartReceipt];
  const parts = receipts.map(({ part }) => part);
  const one: PartReceipt = { ...first, id, count: 0, rollup: 2, joined: 1, part: joinParts(parts, layout) };
  for (const { fromMs, toMs, count, receivedMs } of receipts) {
    one.fromMs = Math.min(one.fromMs, fromMs);
    one.toMs = Math.max(one.toMs, toMs);
    one.receivedMs = Math.min(one.receivedMs, receivedMs);
    one.count += count;
  }
  return one;
}

/** Numbers as the stretches of those that follow each other. */
function stretchesOf(numbers: number[]): [first: number, last: number][] {
  const stretches: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const latest = stretches.at(-1);
    if (latest && latest[1] + 1 === number) latest[1] = number;
    else stretches.push([number, number]);
  }
  return stretches;
}
