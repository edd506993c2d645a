/** Rows that one query is to answer, about: enough to be worth a query, few enough for a small memory. */
const aimRows = 3_000;

export interface WindowedRead<T> {
  fromMs: number;
  toMs: number;
  /** Length of the first stretch, ms. */
  firstMs: number;
  /** Longest stretch, ms. */
  mostMs: number;
  backward?: boolean;
  /** Rows of a stretch, both ends inclusive, in the order they are wanted in. */
  read(fromMs: number, toMs: number): Promise<T[]>;
  /** The first instant (the last, going backward) of a stretch that has a row. */
  nearest(fromMs: number, toMs: number): Promise<number | undefined>;
}

/**
 * Reads a long range stretch by stretch, so that neither side ever holds more than some thousand rows: stretches grow
 * where little is found and shrink where much is, and what is empty is jumped over.
 */
export async function* inWindows<T>(options: WindowedRead<T>): AsyncGenerator<T[]> {
  const { backward = false, read, nearest, mostMs } = options;
  let { fromMs, toMs, firstMs: lengthMs } = options;
  while (fromMs <= toMs) {
    const [start, end] = backward
      ? [Math.max(fromMs, toMs - lengthMs + 1), toMs]
      : [fromMs, Math.min(toMs, fromMs + lengthMs - 1)];
    const rows = await read(start, end);
    if (rows.length > 0) yield rows;
    if (backward) toMs = start - 1;
    else fromMs = end + 1;
    if (fromMs > toMs) return;
    if (rows.length > aimRows) lengthMs = Math.max(1_000, Math.floor(lengthMs / 2));
    else if (rows.length < aimRows / 4) lengthMs = Math.min(mostMs, lengthMs * 4);
    // Where there is little, most likely there is nothing more: that is cheaper to ask for than to read.
    if (rows.length >= aimRows / 4) continue;
    const found = await nearest(fromMs, toMs);
    if (found === undefined) return;
    if (backward) toMs = found;
    else fromMs = found;
  }
}

/** The same rows in pages of one size; the last one may be shorter. */
export async function* paged<T>(parts: AsyncIterable<T[]>, pageSize: number): AsyncGenerator<T[]> {
  let rest: T[] = [];
  for await (const part of parts) {
    rest = rest.length === 0 ? part : rest.concat(part);
    let at = 0;
    for (; rest.length - at >= pageSize; at += pageSize) yield rest.slice(at, at + pageSize);
    rest = rest.slice(at);
  }
  if (rest.length > 0) yield rest;
}
