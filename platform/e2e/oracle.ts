import { expect } from 'vitest';
import { aggregateMinutes, aggregateSamples } from '../../functions/lib/rollups/aggregate.ts';
import type { Aggregate, Rollup } from '../../functions/lib/rollups/rollup.ts';
import { enrichment } from '../../functions/lib/telemetry/enrichment.ts';
import { defaultDevice, type ReportedSample, type Sample } from '../../functions/lib/telemetry/sample.ts';
import { defaultRules } from '../../functions/lib/trips/rules.ts';
import { createSegmenter } from '../../functions/lib/trips/segmenter.ts';
import type { DerivedTrip } from '../../functions/lib/trips/trip.ts';
import { rollups, trips } from './client.ts';
import type { Server } from './server.ts';

export interface Derived {
  trips: DerivedTrip[];
  oneMinute: Rollup[];
  fiveMinutes: Rollup[];
}

/**
 * What the samples of one vehicle come to: one sorted pass over all of them at once, without a store, events, islands or
 * receipts. The drives end long ago, so that every trip is over.
 */
export function oracle(vehicle: string, reported: readonly ReportedSample[]): Derived {
  const samples = reported.map(enriched).sort(inOrder);
  const segmenter = createSegmenter(vehicle, defaultRules);
  for (const sample of samples) segmenter.add(sample);
  segmenter.advance(Number.MAX_SAFE_INTEGER);
  const oneMinute = aggregateSamples(vehicle, samples);
  const derived = {
    trips: segmenter.trips().map(({ trip }) => trip),
    oneMinute,
    fiveMinutes: aggregateMinutes(vehicle, oneMinute),
  };
  return JSON.parse(JSON.stringify(derived));
}

/** What the server says the samples of a vehicle come to. */
export async function derivedBy(server: Server, vehicle: string): Promise<Derived> {
  return {
    trips: await trips(server, vehicle),
    oneMinute: await rollups(server, vehicle, '1m'),
    fiveMinutes: await rollups(server, vehicle, '5m'),
  };
}

/** Trips and rollups of a vehicle are those of the oracle; sums may differ by rounding, 1e-12 of what was added up. */
export function expectSame(actual: Derived, expected: Derived): void {
  expect(actual.trips).toEqual(expected.trips);
  expect(actual.oneMinute.map(exactPart)).toEqual(expected.oneMinute.map(exactPart));
  expect(actual.fiveMinutes.map(exactPart)).toEqual(expected.fiveMinutes.map(exactPart));
  expect(roundingErrors(actual.oneMinute, expected.oneMinute)).toEqual([]);
  expect(roundingErrors(actual.fiveMinutes, expected.fiveMinutes)).toEqual([]);
}

function enriched({ time, device = defaultDevice, ...fields }: ReportedSample): Sample {
  const sample: Sample = { timeMs: Date.parse(time), device, ...fields };
  return { ...sample, ...enrichment(sample, defaultRules.fuel) };
}

function inOrder(a: Sample, b: Sample): number {
  return a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1);
}

function exactPart({ fields, ...rollup }: Rollup) {
  const exact = ({ count, min, max, last }: Aggregate) => ({ count, min, max, last });
  return { ...rollup, fields: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, exact(field)])) };
}

/** Of rows that are the same otherwise, the sums and means that are further apart than rounding explains. */
function roundingErrors(actual: readonly Rollup[], expected: readonly Rollup[]): string[] {
  return expected.flatMap(({ startedAt, fields }, row) =>
    Object.entries(fields).flatMap(([name, { sum, mean, count, min, max }]) => {
      const found = actual[row]?.fields[name];
      const most = 1e-12 * Math.max(Math.abs(min), Math.abs(max));
      const near = isNear(found?.sum, sum, most * count) && isNear(found?.mean, mean, most);
      return near ? [] : [`${startedAt} ${name}: ${found?.sum} ${found?.mean} for ${sum} ${mean}`];
    }),
  );
}

function isNear(a: number | null | undefined, b: number | null, most: number): boolean {
  return a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= most);
}
