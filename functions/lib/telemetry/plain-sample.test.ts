import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, columns } from './columns.ts';
import { plainSample } from './plain-sample.ts';
import { defaultDevice, reportedSampleSchema } from './sample.ts';

const time = '2026-03-29T08:15:30.250Z';

/** What the schema makes of reported data, in the form it is stored; undefined where it refuses. */
function bySchema(data: unknown): unknown {
  const parsed = reportedSampleSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { time, device = defaultDevice, ...fields } = parsed.data;
  return { timeMs: Math.floor(Date.parse(time)), device, ...fields };
}

/** Mostly what the field is for, else values near and beyond its bounds, and of every wrong kind. */
function values({ kind, min, max }: Column): fc.Arbitrary<unknown> {
  const step = Math.max(1, Math.abs(max)) * Number.EPSILON;
  const bounds = [min, max, min - step, max + step, -0, 0, 1, 0.5, 2 ** 53, -Infinity, Number.NaN];
  const wrong = [true, false, null, undefined, '', '12', [], ['41 0C 1A F8'], {}];
  const right =
    kind === 'flag' ? fc.boolean() : fc.double({ min: Math.max(min, -1e9), max: Math.min(max, 1e9), noNaN: true });
  return fc.oneof({ weight: 12, arbitrary: right }, fc.constantFrom<unknown>(...bounds, ...wrong));
}

const times = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  fc.constantFrom<unknown>(
    '2026-03-29T08:15:30+02:00',
    '2026-03-29T08:15:30.2509999Z',
    '2026-02-29T08:15:30Z',
    '2024-02-29T08:15:30Z',
    '2026-03-29T24:00:00Z',
    '2026-03-29T23:59:60Z',
    '2026-03-29T08:15Z',
    '2026-03-29T08:15:30',
    `${time}\n`,
    '',
    0,
    null,
  ),
);
const devices = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(undefined, 'obd') },
  fc.constantFrom<unknown>('', 'a b', 'x'.repeat(65), 7, null),
);
const isPlain = ({ kind, derived }: Column) => !derived && (kind === 'number' || kind === 'flag');
const fields = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...columns.filter(isPlain)), { maxLength: 8 }),
    fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray([...columns], { maxLength: 2 })),
  )
  .chain(([plain, any]) =>
    fc.tuple(...[...plain, ...any].map((column) => fc.tuple(fc.constant(column.name as string), values(column)))),
  );
const others = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  fc.constantFrom([['speedKph', 1]], [['__proto__', 1]]),
);

const reported = fc
  .tuple(times, devices, fc.boolean(), fields, others)
  .map(([time, device, essential, known, unknown]) => {
    const data = { time, ...(device !== undefined && { device }), ...(essential && { speedKmh: 50 }) };
    for (const [name, value] of [...known, ...unknown] as [string, unknown][]) {
      Object.defineProperty(data, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return data;
  });

describe('a plain sample', () => {
  it('is what the schema makes of it, whenever the fast check takes it', () => {
    let taken = 0;
    fc.assert(
      fc.property(reported, (data) => {
        const sample = plainSample(data);
        if (sample === undefined) return;
        taken++;
        expect(sample).toStrictEqual(bySchema(data));
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it.each(columns.filter((column) => isPlain(column) && column.kind === 'number'))(
    'takes $name within its bounds without the schema',
    ({ name, min, max }) => {
      for (const value of [min, max]) expect(plainSample({ time, speedKmh: 1, [name]: value })).toBeDefined();
    },
  );

  it('leaves to the schema what is no object, has text, lists or derived fields, or nothing essential', () => {
    const odd = [undefined, null, 'text', 7, [], {}, { time }, { time, engineRpm: 800 }];
    const more = columns.filter((column) => !isPlain(column));
    for (const data of [...odd, ...more.map(({ name }) => ({ time, speedKmh: 1, [name]: 1 }))]) {
      expect(plainSample(data)).toBeUndefined();
    }
  });
});
