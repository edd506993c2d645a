import { expect, it } from 'vitest';
import type { CloudEvent } from '../telemetry/events.ts';
import { mayHoldErased, vehicleOf } from './erasure.ts';

const event = (part: Partial<CloudEvent>): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/x',
  type: 't',
  ...part,
});
const at = (ms: number) => new Date(ms).toISOString();

it('an event is of the vehicle that is its subject, or else that its data names', () => {
  expect(vehicleOf(event({ subject: 'car-1', data: { vehicle: 'car-2' } }))).toBe('car-1');
  expect(vehicleOf(event({ data: { vehicle: 'car-2' } }))).toBe('car-2');
  expect(vehicleOf(event({ data: [1] }))).toBeUndefined();
  expect(vehicleOf(event({ data: null }))).toBeUndefined();
});

it.each([
  ['one without a time', {}, true],
  ['one with a time that is none', { time: 'soon' }, true],
  ['one of before', { time: at(1_000) }, true],
  ['one of after', { time: at(1_001) }, false],
  ['one of after about a range that began before', { time: at(2_000), data: { fromMs: 1_000, toMs: 3_000 } }, true],
  ['one of after about a range after it', { time: at(2_000), data: { fromMs: 1_001, toMs: 3_000 } }, false],
  ['one of after about a range that is no number', { time: at(2_000), data: { fromMs: '9999' } }, true],
  ['one of after about an alert of before', { time: at(2_000), data: { timeMs: 999 } }, true],
  ['one of after about a trip that began before', { time: at(2_000), data: { startedAt: at(1_000) } }, true],
  ['one of after about a trip after it', { time: at(2_000), data: { startedAt: at(1_500) } }, false],
])('%s may hold what was erased, or not', (_, part, held) => {
  expect(mayHoldErased(event(part), 1_000)).toBe(held);
});
