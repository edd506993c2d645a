import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeChanges } from './code-alerts.ts';
import { columns } from './columns.ts';
import { enrichment } from './enrichment.ts';
import { reportedSampleSchema, type Sample } from './sample.ts';

const sample = (fields: Partial<Sample>): Sample => ({ timeMs: 0, device: 'main', ...fields });

describe('enrichment', () => {
  it('decodes raw answers into fields', () => {
    const fields = enrichment(sample({ obd: ['41 0C 1A F8', '41 0D 32', '41 05 7B'] }), 'petrol');
    expect(fields).toMatchObject({ engineRpm: 1726, speedKmh: 50, coolantC: 83, ignitionOn: true });
  });

  it('lets raw answers win over a decoded field beside them, and changes nothing the second time', () => {
    const first = sample({ obd: ['41 0D 32'], speedKmh: 49 });
    const once = { ...first, ...enrichment(first, 'petrol') };
    expect(once.speedKmh).toBe(50);
    expect(enrichment(once, 'petrol')).toEqual({});
  });

  it('keeps an undecodable line and flags it; NO DATA is nothing wrong', () => {
    expect(enrichment(sample({ obd: ['41 0C ZZ'] }), 'petrol')).toEqual({ flags: ['obd-undecodable'] });
    expect(enrichment(sample({ obd: ['NO DATA'] }), 'petrol')).toEqual({});
  });

  it('reads trouble codes in plain text, as raw answers, and as none', () => {
    expect(enrichment(sample({ dtc: ['P0420', 'p0133'] }), 'petrol')).toEqual({ codesStored: ['P0133', 'P0420'] });
    expect(enrichment(sample({ dtc: ['43 01 33 00 00 00 00'] }), 'petrol')).toEqual({ codesStored: ['P0133'] });
    expect(enrichment(sample({ dtc: ['47 01 33 00 00 00 00'] }), 'petrol')).toEqual({ codesPending: ['P0133'] });
    expect(enrichment(sample({ dtc: [] }), 'petrol')).toEqual({ codesStored: [] });
    expect(enrichment(sample({ dtc: ['rubbish'] }), 'petrol')).toEqual({ flags: ['dtc-undecodable'] });
  });

  it('estimates the fuel rate from air flow, whether or not a measured one comes, too, or later', () => {
    expect(enrichment(sample({ mafGps: 10 }), 'petrol').fuelRateEstimateLph).toBeCloseTo(36_000 / (14.7 * 745));
    expect(enrichment(sample({ mafGps: 10 }), 'diesel').fuelRateEstimateLph).toBeCloseTo(36_000 / (14.5 * 832));
    expect(enrichment(sample({ mafGps: 10, fuelRateLph: 3 }), 'petrol').fuelRateEstimateLph).toBeCloseTo(3.287, 2);
  });

  it('derives the ignition from the engine speed only where it was not reported', () => {
    expect(enrichment(sample({ engineRpm: 0 }), 'petrol')).toEqual({ ignitionOn: false });
    expect(enrichment(sample({ engineRpm: 0, ignitionOn: true }), 'petrol')).toEqual({});
  });

  it('flags a position of 0/0', () => {
    expect(enrichment(sample({ latitude: 0, longitude: 0 }), 'petrol')).toEqual({ flags: ['position-zero'] });
  });

  it('never throws, and is done after once, whatever the lines are', () => {
    const line = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.stringMatching(/^4[1379] ([0-9A-F]{2} ?){1,8}$/),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 4 }), (obd, dtc) => {
        const before = sample({ obd, dtc });
        const after = { ...before, ...enrichment(before, 'petrol') };
        expect(enrichment(after, 'petrol')).toEqual({});
      }),
    );
  });
});

describe('code changes', () => {
  it('tell what was set and cleared between neighbouring readings', () => {
    const reading = (timeMs: number, ...codesStored: string[]) => ({ ...sample({ codesStored }), timeMs });
    expect(
      codeChanges(reading(0, 'P0133'), [reading(1, 'P0133', 'P0420'), reading(2, 'P0420'), reading(3, 'P0420')]),
    ).toEqual([
      { timeMs: 1, kind: 'code-set', code: 'P0420' },
      { timeMs: 2, kind: 'code-cleared', code: 'P0133' },
    ]);
  });
});

describe('the sample schema', () => {
  const time = '2026-01-01T00:00:00Z';

  it('asks for one essential field and refuses unknown ones', () => {
    expect(reportedSampleSchema.safeParse({ time, speedKmh: 1 }).success).toBe(true);
    expect(reportedSampleSchema.safeParse({ time, coolantC: 80 }).success).toBe(false);
    expect(reportedSampleSchema.safeParse({ time, latitude: 1 }).success).toBe(false);
    expect(reportedSampleSchema.safeParse({ time, speedKmh: 1, speedkmh: 1 }).success).toBe(false);
    expect(reportedSampleSchema.safeParse({ time, speedKmh: 1, receivedAt: time }).success).toBe(false);
  });

  it('has a unit, bounds and a PID that the decoder knows for what it says has them', () => {
    for (const column of columns.filter(({ kind, name }) => kind === 'number' && name !== 'seq')) {
      expect(column.unit, column.name).toBeTruthy();
      expect(Number.isFinite(column.min) && Number.isFinite(column.max), column.name).toBe(true);
    }
  });
});
