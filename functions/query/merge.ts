/** Where reading of one source stands. */
interface Head<Row> {
  pages: AsyncIterator<readonly Row[]>;
  page: readonly Row[];
  at: number;
}

/** Rows of a merged page: enough to keep the answer's pieces large, few enough to keep them small in memory. */
const mergedPageSize = 500;

/**
 * Several sources, each in order, as one in order (`compare` is negative when `a` stands first). Reads each source page
 * by page, and closes all of them when the reader stops early.
 */
export async function* mergeSorted<Row>(
  sources: readonly AsyncIterable<readonly Row[]>[],
  compare: (a: Row, b: Row) => number,
): AsyncGenerator<readonly Row[], void> {
  const heads: Head<Row>[] = sources.map((source) => ({
    pages: source[Symbol.asyncIterator](),
    page: [],
    at: 0,
  }));
  try {
    await Promise.all(heads.map(fill));
    let merged: Row[] = [];
    for (;;) {
      const first = firstOf(heads, compare);
      if (!first) break;
      merged.push(first.page[first.at++] as Row);
      if (first.at >= first.page.length) await fill(first);
      if (merged.length >= mergedPageSize) {
        yield merged;
        merged = [];
      }
    }
    if (merged.length > 0) yield merged;
  } finally {
    await Promise.all(heads.map(({ pages }) => pages.return?.()));
  }
}

async function fill<Row>(head: Head<Row>): Promise<void> {
  for (;;) {
    const { done, value } = await head.pages.next();
    head.page = done ? [] : value;
    head.at = 0;
    if (done || head.page.length > 0) return;
  }
}

/** A token is bound to few vehicles, so that looking at every head is cheaper than keeping a heap. */
function firstOf<Row>(heads: readonly Head<Row>[], compare: (a: Row, b: Row) => number): Head<Row> | undefined {
  let first: Head<Row> | undefined;
  for (const head of heads) {
    if (head.at >= head.page.length) continue;
    if (!first || compare(head.page[head.at] as Row, first.page[first.at] as Row) < 0) first = head;
  }
  return first;
}
