import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantMs, timePattern } from './time.ts';

test.each([
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T23:59:60.75+00:00', '2017-01-01T00:00:00.750Z'],
  ['2017-01-01T05:29:60+05:30', '2017-01-01T00:00:00.000Z'],
  ['2026-03-10T12:00:00.123456789Z', '2026-03-10T12:00:00.123Z'],
  ['2024-02-29T00:00:00-00:30', '2024-02-29T00:30:00.000Z'],
])('%s is %s', (time, instant) => {
  expect(new Date(instantMs(time)).toISOString()).toBe(instant);
});

test.each([
  'lunchtime',
  '2026-03-10T12:00Z',
  '2026-03-10T12:00:00',
  '2026-03-10T12:00:00X',
  '2026-03-10T12:00:00+25:00',
  '2026-03-10T12:00:00+05',
  '2026-02-30T12:00:00Z',
  '2026-03-10T12:00:61Z',
  '2026-03-10T12:60:60Z',
  '2026-03-10 12:00:00Z',
])('%s is no time', (time) => {
  expect(instantMs(time)).toBeNaN();
});

test('what the pattern takes is what Date makes of it', () => {
  const some = fc.oneof(
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
    fc.string(),
  );
  fc.assert(
    fc.property(some, (time) => {
      expect(instantMs(time)).toBe(timePattern.test(time) ? Math.floor(Date.parse(time)) : Number.NaN);
    }),
  );
});
