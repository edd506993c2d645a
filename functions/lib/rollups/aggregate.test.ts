import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../telemetry/sample.ts';
import { aggregateMinutes, aggregateSamples } from './aggregate.ts';
import type { Aggregate, Rollup } from './rollup.ts';

const startMs = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number, fields: Partial<Sample>): Sample => ({
  timeMs: startMs + seconds * 1000,
  device: 'main',
  ...fields,
});

describe('1-minute rows', () => {
  it('keep count, sum, mean, min, max and last of each numeric field that came', () => {
    const samples = [at(1, { speedKmh: 10, coolantC: 80 }), at(30, { speedKmh: 30 }), at(59.999, { speedKmh: 20 })];
    expect(aggregateSamples('car', samples)).toEqual([
      {
        vehicle: 'car',
        tier: '1m',
        startedAt: '2026-03-01T10:00:00.000Z',
        count: 3,
        fields: {
          speedKmh: { count: 3, sum: 60, mean: 20, min: 10, max: 30, last: 20 },
          coolantC: { count: 1, sum: 80, mean: 80, min: 80, max: 80, last: 80 },
        },
      },
    ]);
  });

  it('have no sum or mean of headings and positions, and nothing of sequence numbers', () => {
    const [row] = aggregateSamples('car', [at(0, { headingDeg: 350, seq: 7 }), at(1, { headingDeg: 10, seq: 8 })]);
    expect(row?.fields).toEqual({ headingDeg: { count: 2, sum: null, mean: null, min: 10, max: 350, last: 10 } });
  });

  it('begin at full UTC minutes, the last millisecond of one belonging to it', () => {
    const rows = aggregateSamples('car', [
      at(60, { speedKmh: 1 }),
      at(59.999, { speedKmh: 2 }),
      at(-0.001, { speedKmh: 3 }),
    ]);
    expect(rows.map((row) => [row.startedAt.slice(11, 19), row.count])).toEqual([
      ['09:59:00', 1],
      ['10:00:00', 1],
      ['10:01:00', 1],
    ]);
  });

  it('give a tie of last to the greater device name, whatever the order', () => {
    const samples = [at(5, { speedKmh: 1, device: 'b' }), at(5, { speedKmh: 2, device: 'a' })];
    for (const order of [samples, samples.toReversed()]) {
      expect(aggregateSamples('car', order)[0]?.fields.speedKmh?.last).toBe(1);
    }
  });

  it('count a sample without numbers', () => {
    expect(aggregateSamples('car', [at(0, { dtc: [] })])).toMatchObject([{ count: 1, fields: {} }]);
  });

  it('lose no small value beside a great one', () => {
    const samples = [1e16, 1, -1e16].map((accelLongMps2, i) => at(i, { accelLongMps2 }));
    expect(aggregateSamples('car', samples)[0]?.fields.accelLongMps2?.sum).toBe(1);
  });
});

describe('5-minute rows', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0);
  const fields = fc.record({ speedKmh: value, headingDeg: value, coolantC: value }, { requiredKeys: [] });
  const sampleList = fc
    .uniqueArray(fc.tuple(fc.nat(899), fc.constantFrom('a', 'b'), fields), {
      selector: ([s, device]) => `${s} ${device}`,
    })
    .map((list) => list.map(([seconds, device, some]) => at(seconds, { ...some, device })));

  it('from 1-minute rows equal those from the samples', () => {
    fc.assert(
      fc.property(sampleList, (samples) => {
        const got = aggregateMinutes('car', aggregateSamples('car', samples));
        const wanted = fiveMinutesOf(samples);
        expect(got.map((row) => row.startedAt)).toEqual(wanted.map((row) => row.startedAt));
        for (const [i, row] of wanted.entries()) expectClose(got[i] as Rollup, row, samples);
      }),
    );
  });

  it('do not depend on the order of the samples beyond the last bits of sums', () => {
    fc.assert(
      fc.property(sampleList, fc.infiniteStream(fc.nat()), (samples, ranks) => {
        const shuffled = samples.map((s) => [ranks.next().value as number, s] as const).sort((a, b) => a[0] - b[0]);
        const [one, other] = [samples, shuffled.map(([, s]) => s)].map((list) => aggregateSamples('car', list));
        for (const [i, row] of (one as Rollup[]).entries()) expectClose(other?.[i] as Rollup, row, samples);
      }),
    );
  });
});

/** Straight from the samples, by sorting and plain arithmetic: shares nothing with what it checks. */
function fiveMinutesOf(samples: Sample[]): Rollup[] {
  const sorted = samples.toSorted((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1));
  const byWindow = Map.groupBy(sorted, (s) => Math.floor(s.timeMs / 300_000) * 300_000);
  return [...byWindow].map(([windowMs, list]) => {
    const row: Rollup = {
      vehicle: 'car',
      tier: '5m',
      startedAt: new Date(windowMs).toISOString(),
      count: list.length,
      fields: {},
    };
    for (const name of ['speedKmh', 'headingDeg', 'coolantC'] as const) {
      const values = list.flatMap((s) => s[name] ?? []);
      if (values.length === 0) continue;
      const sum = name === 'headingDeg' ? null : values.reduce((a, b) => a + b);
      row.fields[name] = {
        count: values.length,
        sum,
        mean: sum === null ? null : sum / values.length,
        min: Math.min(...values),
        max: Math.max(...values),
        last: values.at(-1) as number,
      };
    }
    return row;
  });
}

function expectClose(got: Rollup, wanted: Rollup, samples: Sample[]): void {
  expect(bare(got)).toEqual(bare(wanted));
  for (const [name, { sum, mean }] of Object.entries(wanted.fields)) {
    const magnitude = samples.reduce((total, s) => total + Math.abs((s[name as 'speedKmh'] as number) ?? 0), 0);
    const { sum: gotSum, mean: gotMean } = got.fields[name] as Aggregate;
    expect(Math.abs((gotSum ?? 0) - (sum ?? 0))).toBeLessThanOrEqual(1e-12 * magnitude);
    expect(Math.abs((gotMean ?? 0) - (mean ?? 0))).toBeLessThanOrEqual(1e-12 * magnitude);
    expect(gotSum === null).toBe(sum === null);
  }
}

function bare(row: Rollup) {
  const fields = Object.entries(row.fields).map(([name, { count, min, max, last }]) => [name, count, min, max, last]);
  return { ...row, fields: fields.sort() };
}
