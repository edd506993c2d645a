import type { HttpAnswer } from '../lib/ports.ts';
import { securityHeaders } from '../lib/security-headers.ts';
import { encodeCursor, type Place } from './cursor.ts';

export const jsonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  // Positions of people: neither proxies nor browsers shall keep them.
  'cache-control': 'no-store',
  ...securityHeaders,
};

export function json(value: unknown, status = 200): HttpAnswer {
  return { status, headers: jsonHeaders, body: JSON.stringify(value) };
}

/** A list as it is put into an answer. */
export interface Listing<Row> {
  /** Name of the list in the answer. */
  name: string;
  /** Rows from the first one wanted on, in their order; read no further than needed. */
  rows: AsyncIterable<readonly Row[]>;
  limit: number;
  /** Where a row stands in the order. */
  placeOf(row: Row): Place;
  answer(row: Row): unknown;
}

/**
 * `{"<name>": […], "next": …}` as a stream of pages, so that memory holds one page whatever the limit. The first page is
 * awaited before the answer is: a store that is unavailable is still answered 503 then. One that fails later breaks the
 * connection, because the status has been sent.
 */
export async function streamList<Row>(listing: Listing<Row>): Promise<HttpAnswer> {
  const text = listText(listing);
  const first = await text.next();
  return { status: 200, headers: jsonHeaders, body: resume(first, text) };
}

async function* listText<Row>({ name, rows, limit, placeOf, answer }: Listing<Row>): AsyncGenerator<string, void> {
  let text = `{${JSON.stringify(name)}:[`;
  let count = 0;
  let last: Row | undefined;
  let next: string | null = null;
  reading: for await (const page of rows) {
    for (const row of page) {
      if (count === limit) {
        next = last === undefined ? null : encodeCursor(placeOf(last));
        break reading;
      }
      text += (count === 0 ? '' : ',') + JSON.stringify(answer(row));
      count++;
      last = row;
    }
    yield text;
    text = '';
  }
  yield `${text}],"next":${JSON.stringify(next)}}`;
}

async function* resume<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}
