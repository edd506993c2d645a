import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sample } from '../../telemetry/sample.ts';
import { anyFields, noonMs } from '../contract/fixtures.ts';
import { decodeRows } from '../row-decoder.ts';
import { offsetsOf } from '../rows.ts';
import { encode, layout } from '../testing/sqlite-tables.ts';
import { decodeParts, joinParts, partEncoder } from './parts.ts';

const anySample = fc
  .record({
    timeMs: fc.integer({ min: noonMs, max: noonMs + 20 }),
    device: fc.constantFrom('main', 'gps'),
    fields: anyFields,
  })
  .map(({ fields, ...place }): Sample => ({ ...place, ...fields }));
/** Many of one shape and device, as most parts are, or any. */
const anySamples = fc.oneof(
  fc.array(anySample, { minLength: 1, maxLength: 12 }),
  fc.array(
    fc.integer({ min: 0, max: 9 }).map((speedKmh): Sample => ({ timeMs: noonMs + speedKmh, device: 'main', speedKmh })),
    { minLength: 1, maxLength: 12 },
  ),
);

function partOf(samples: Sample[]): Uint8Array {
  const { rows } = encode([{ vehicle: 'car', samples }]);
  const order = Uint32Array.from(samples.keys());
  const blob = partEncoder(rows, { order, offsets: offsetsOf(rows) }, layout).encode(0, samples.length);
  // As it comes out of the file: somewhere in memory, not at a multiple of 8.
  return new Uint8Array([7, ...blob]).subarray(1);
}

const samplesOf = (...blobs: Uint8Array[]) => decodeRows(decodeParts(blobs, layout));

it('a part holds samples of every shape, in their order', () => {
  fc.assert(
    fc.property(anySamples, (samples) => {
      expect(samplesOf(partOf(samples))).toEqual(samples);
    }),
  );
});

it('parts that are joined hold the samples of one after those of the other', () => {
  fc.assert(
    fc.property(fc.array(anySamples, { minLength: 1, maxLength: 5 }), (several) => {
      const parts = several.map(partOf);
      expect(samplesOf(...parts)).toEqual(several.flat());
      expect(samplesOf(joinParts(parts, layout))).toEqual(several.flat());
    }),
  );
});

it('a part is made of a stretch of the rows, in the order it is given', () => {
  fc.assert(
    fc.property(anySamples, fc.nat(), fc.nat(), (samples, one, other) => {
      const { rows } = encode([{ vehicle: 'car', samples }]);
      const order = Uint32Array.from(samples.keys()).reverse();
      const [from, to] = [one, other].map((n) => n % samples.length).sort((a, b) => a - b) as [number, number];
      const blob = partEncoder(rows, { order, offsets: offsetsOf(rows) }, layout).encode(from, to + 1);
      expect(samplesOf(blob)).toEqual(samples.toReversed().slice(from, to + 1));
    }),
  );
});

it('a part with a field that nobody knows is refused by its name, and not read without it', () => {
  const blob = partOf([{ timeMs: noonMs, device: 'main', oilC: 90 }]);
  const columns = layout.columns.filter(({ name }) => name !== 'oilC');
  expect(() => decodeParts([blob], { ...layout, columns })).toThrow(/oilC/);
});
