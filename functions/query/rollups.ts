import type { HttpAnswer } from '../lib/ports.ts';
import type { Rollup } from '../lib/rollups/rollup.ts';
import { vehiclesIn } from './access.ts';
import type { Place } from './cursor.ts';
import { mergeSorted } from './merge.ts';
import { parameters, rangeOf, readQuery } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { streamList } from './stream.ts';

/** Rows the store is asked for at once; a row has some 200 numbers. */
const pageSize = 500;

export async function listRollups({ query, view, nowMs, ports }: ApiRequest): Promise<HttpAnswer> {
  const { tier, vehicle, limit, cursor, ...wanted } = readQuery(parameters.rollups, query);
  const { fromMs, toMs } = rangeOf(wanted, nowMs);
  const startMs = Math.max(fromMs, cursor?.[0] ?? fromMs);
  const sources = vehiclesIn(view, vehicle).map((name) =>
    ports.store.readRollups(tier, name, startMs, toMs, Math.min(limit + 1, pageSize)),
  );
  const pages = mergeSorted<Rollup>(sources, (a, b) => comparePlaces(placeOf(a), placeOf(b)));
  return streamList({
    name: 'rollups',
    rows: cursor ? after(pages, cursor) : pages,
    limit,
    placeOf,
    answer: (rollup) => rollup,
  });
}

function placeOf(rollup: Rollup): Place {
  return [Date.parse(rollup.startedAt), rollup.vehicle];
}

function comparePlaces([aMs, a]: Place, [bMs, b]: Place): number {
  return aMs - bMs || (a < b ? -1 : a > b ? 1 : 0);
}

async function* after(pages: AsyncIterable<readonly Rollup[]>, place: Place): AsyncGenerator<Rollup[], void> {
  for await (const page of pages) yield page.filter((rollup) => comparePlaces(placeOf(rollup), place) > 0);
}
