import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../telemetry/sample.ts';
import { anyFields, sampleAt } from './contract/fixtures.ts';
import { decodeRows } from './row-decoder.ts';
import { createRowEncoder } from './row-encoder.ts';

const anySample = fc
  .tuple(fc.nat(), fc.constantFrom('a', 'b'), anyFields)
  .map(([timeMs, device, fields]) => sampleAt(timeMs, fields, device));

describe('encoded rows', () => {
  it('are the samples again, whatever fields they have, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(anySample), fc.infiniteStream(fc.boolean()), (samples, flips) => {
        const encoder = createRowEncoder(1);
        for (const sample of samples) encoder.add('car', flips.next().value ? reversed(sample) : sample);
        expect(encoder.count).toBe(samples.length);
        expect(decodeRows(encoder.take())).toEqual(samples);
        expect([encoder.count, encoder.characters, decodeRows(encoder.take())]).toEqual([0, 0, []]);
      }),
    );
  });

  it('have one shape for the same fields in any order, and none for what is undefined', () => {
    const encoder = createRowEncoder();
    const one = { timeMs: 1, device: 'a', speedKmh: 1, coolantC: 2 };
    for (const sample of [one, reversed(one), { ...one, driver: undefined } as unknown as Sample])
      encoder.add('car', sample);
    const rows = encoder.take();
    expect(rows.shapes).toHaveLength(1);
    expect(decodeRows(rows)).toEqual([one, one, one]);
  });

  it('count the text that waits in them', () => {
    const encoder = createRowEncoder();
    encoder.add('car', sampleAt(1, { driver: 'four', obd: ['41 0C'] }));
    expect(encoder.characters).toBe('four'.length + '["41 0C"]'.length);
  });
});

function reversed(sample: Sample): Sample {
  return Object.fromEntries(Object.entries(sample).reverse()) as Sample;
}
