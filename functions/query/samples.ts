import type { HttpAnswer } from '../lib/ports.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { demandVehicle } from './access.ts';
import { sampleAnswer } from './answers.ts';
import type { Place } from './cursor.ts';
import { parameters, rangeOf, readQuery } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { streamList } from './stream.ts';

/** Rows the store is asked for at once. */
const pageSize = 1_000;

export async function listSamples({ id, query, view, nowMs, ports }: ApiRequest): Promise<HttpAnswer> {
  const { limit, cursor, ...wanted } = readQuery(parameters.samples, query);
  demandVehicle(view, id);
  const { fromMs, toMs } = rangeOf(wanted, nowMs);
  const startMs = Math.max(fromMs, cursor?.[0] ?? fromMs);
  const pages = ports.store.readSamples(id, startMs, toMs, Math.min(limit + 1, pageSize));
  return streamList({
    name: 'samples',
    rows: cursor ? after(pages, cursor) : pages,
    limit,
    placeOf: (sample): Place => [sample.timeMs, sample.device],
    answer: sampleAnswer,
  });
}

async function* after(pages: AsyncIterable<Sample[]>, [timeMs, device]: Place): AsyncGenerator<Sample[], void> {
  for await (const page of pages) {
    yield page.filter((sample) => sample.timeMs > timeMs || (sample.timeMs === timeMs && sample.device > device));
  }
}
