import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordedDrives } from './recorded-drives.ts';
import { type RecordedEvent, shiftEvents } from './shift.ts';

const recorded: RecordedEvent[] = JSON.parse(recordedDrives().get('commute.json') ?? '[]');
const timesOf = (events: readonly RecordedEvent[]) =>
  events
    .flatMap(({ data }) => (data && 'samples' in data ? data.samples : data ? [data] : []))
    .map(({ time }) => Date.parse(time));

test('the last sample comes to lie at most a second before the end, and all distances in time stay', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }), (end) => {
      const before = timesOf(recorded);
      const after = timesOf(shiftEvents(recorded, { endMs: end.getTime() }));
      const last = Math.max(...after);
      expect(last).toBeLessThanOrEqual(end.getTime());
      expect(last).toBeGreaterThan(end.getTime() - 1_000);
      const shift = (after[0] ?? 0) - (before[0] ?? 0);
      expect(Number.isInteger(shift / 1_000)).toBe(true);
      expect(after).toEqual(before.map((time) => time + shift));
    }),
    { numRuns: 20 },
  );
});

test('event times move along, ids become others, and the recorded events stay as they are', () => {
  const copy = structuredClone(recorded);
  const shifted = shiftEvents(recorded, { endMs: Date.UTC(2026, 6, 1) });
  expect(recorded).toEqual(copy);
  expect(shifted[0]?.id).not.toBe(recorded[0]?.id);
  expect(shifted.at(-1)?.time).toBe('2026-07-01T00:00:00.000Z');
});

test('an event that holds a single sample is moved as well, and no events stay none', () => {
  const single: RecordedEvent = {
    specversion: '1.0',
    id: '1',
    source: '/edge/v',
    type: 'fleet.telemetry.reported',
    data: { time: '2026-01-01T00:00:00.250+01:00', speedKmh: 5 },
  };
  const [shifted] = shiftEvents([single], { endMs: Date.UTC(2026, 0, 2) });
  expect(shifted?.data).toEqual({ time: '2026-01-01T23:59:59.250Z', speedKmh: 5 });
  expect(shifted).not.toHaveProperty('time');
  expect(shiftEvents([], { endMs: 0 })).toEqual([]);
});
