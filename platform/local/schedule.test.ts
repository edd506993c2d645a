import { expect, it } from 'vitest';
import { readSchedule } from './schedule.ts';

/** Thursday noon. */
const from = new Date('2026-01-01T12:00:00Z');
const next = (expression: string, count = 3) =>
  readSchedule(expression)
    .nextRuns(count, from)
    .map((time) => time.toISOString().slice(5, 19));

it.each([
  ['*/5 * * * *', '01-01T12:05:00', '01-01T12:10:00'],
  ['5/15 * * * *', '01-01T12:05:00', '01-01T12:20:00'],
  ['*/20 * * * * *', '01-01T12:00:20', '01-01T12:00:40'],
  ['0 0 ? * MON', '01-05T00:00:00', '01-12T00:00:00'],
  ['0 0 * * 0', '01-04T00:00:00', '01-11T00:00:00'],
  // With both days given, either will do.
  ['0 0 13 * FRI', '01-02T00:00:00', '01-09T00:00:00'],
  ['0 22-23 * * *', '01-01T22:00:00', '01-01T23:00:00'],
  ['@hourly', '01-01T13:00:00', '01-01T14:00:00'],
  ['@daily', '01-02T00:00:00', '01-03T00:00:00'],
  ['@midnight', '01-02T00:00:00', '01-03T00:00:00'],
  ['@weekly', '01-04T00:00:00', '01-11T00:00:00'],
  ['@monthly', '02-01T00:00:00', '03-01T00:00:00'],
  ['@yearly', '01-01T00:00:00', '01-01T00:00:00'],
  ['@annually', '01-01T00:00:00', '01-01T00:00:00'],
])('%s comes at %s, then at %s', (expression, ...times) => expect(next(expression, 2)).toEqual(times));

it.each([
  ...['@every 5m', '@HOURLY', '@reboot', '@', '', ' ', '* * * *', '* * * * * * *', 'soon'],
  ...['60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 13 *', '* * * * 7', '* * * * 5-7', '* * * * 1,7'],
  ...['*/0 * * * *', '/5 * * * *', '5-1 * * * *', '-5 * * * *', '1- * * * *', '1.5 * * * *', '* * * * Monday'],
  ...['0 0 L * *', '0 0 15W * *', '0 0 * * MON#1', '0 0 1 * +MON', 'TZ=UTC 0 0 * * *'],
])('%j is refused', (expression) => expect(() => readSchedule(expression)).toThrow());
