import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilters, type Filter } from './filter.ts';
import { anEvent } from './test-runtime.ts';

const event = anEvent({
  type: 'fleet.telemetry.accepted',
  subject: 'car-1',
  fleetshard: 2,
  empty: '',
  data: { type: 'x' },
});
const matches = (...filters: Filter[]) => compileFilters({ filters })(event);

describe('legacy attributes', () => {
  const legacy = (attributes: Record<string, string>) => compileFilters({ filter: { attributes } })(event);

  it('compares exactly, and all of them', () => {
    expect(legacy({ type: 'fleet.telemetry.accepted', subject: 'car-1' })).toBe(true);
    expect(legacy({ type: 'fleet.telemetry.accepted', subject: 'car-2' })).toBe(false);
    expect(legacy({ type: 'Fleet.telemetry.accepted' })).toBe(false);
  });

  it('takes an empty value as: present and not empty', () => {
    expect(legacy({ subject: '' })).toBe(true);
    expect(legacy({ empty: '' })).toBe(false);
    expect(legacy({ missing: '' })).toBe(false);
  });

  it('matches everything without attributes, and without any filter', () => {
    expect(legacy({})).toBe(true);
    expect(compileFilters({})(event)).toBe(true);
  });
});

describe('dialects', () => {
  it('exact, prefix and suffix compare strings; all pairs of one must hold', () => {
    expect(matches({ exact: { subject: 'car-1' } })).toBe(true);
    expect(matches({ prefix: { type: 'fleet.' } })).toBe(true);
    expect(matches({ suffix: { type: '.accepted' } })).toBe(true);
    expect(matches({ prefix: { type: 'fleet.', subject: 'truck' } })).toBe(false);
  });

  it('sees numbers by their canonical form, and never the data', () => {
    expect(matches({ exact: { fleetshard: '2' } })).toBe(true);
    expect(matches({ prefix: { data: '[' } })).toBe(false);
    expect(matches({ prefix: { constructor: 'f' } })).toBe(false);
  });

  it('fails exact, prefix and suffix on a missing attribute', () => {
    const pair = { missing: 'x' };
    expect([{ exact: pair }, { prefix: pair }, { suffix: pair }].map((filter) => matches(filter))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('nests all, any and not', () => {
    const car: Filter = { prefix: { subject: 'car' } };
    const truck: Filter = { prefix: { subject: 'truck' } };
    expect(matches({ any: [truck, car] })).toBe(true);
    expect(matches({ all: [truck, car] })).toBe(false);
    expect(matches({ not: { all: [truck, { not: car }] } })).toBe(true);
  });

  it('evaluates cesql, alone and nested; an error is false, and its negation is not', () => {
    expect(matches({ cesql: "type LIKE 'fleet.%' AND fleetshard = 2" })).toBe(true);
    expect(matches({ cesql: "subject = 'car-2'" })).toBe(false);
    expect(matches({ cesql: 'missing = 1 OR TRUE' })).toBe(false);
    expect(matches({ cesql: 'fleetshard' })).toBe(false);
    expect(matches({ not: { cesql: 'missing = 1' } })).toBe(true);
    expect(matches({ all: [{ any: [{ cesql: 'EXISTS missing' }, { cesql: 'EXISTS empty' }] }] })).toBe(true);
  });

  it('holds as an array only if all of it holds', () => {
    expect(matches({ prefix: { subject: 'car' } }, { suffix: { subject: '2' } })).toBe(false);
  });

  it('overrides the legacy filter, unless it is empty', () => {
    const filter = { attributes: { subject: 'other' } };
    expect(compileFilters({ filter, filters: [{ exact: { subject: 'car-1' } }] })(event)).toBe(true);
    expect(compileFilters({ filter, filters: [] })(event)).toBe(false);
  });

  it('obeys De Morgan whatever the filters', () => {
    const leaf = fc.constantFrom<Filter>(
      { exact: { subject: 'car-1' } },
      { suffix: { type: 'x' } },
      { prefix: { missing: 'x' } },
    );
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 4 }), (filters) => {
        expect(matches({ not: { any: filters } })).toBe(matches({ all: filters.map((not) => ({ not })) }));
      }),
    );
  });
});
