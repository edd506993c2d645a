import { describe, expect, it } from 'vitest';
import type { CloudEvent } from './events.ts';
import { readTraceparent, traceIdOf, traceparentOf, withTrace } from './trace.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${trace}-b7ad6b7169203331-01`;
const event: CloudEvent = { specversion: '1.0', id: '1', source: '/test', type: 'test' };

describe('a traceparent', () => {
  it('is read, and tells the trace', () => {
    expect(readTraceparent(traceparent)).toBe(traceparent);
    expect(readTraceparent(traceparent.replace(/^00/, 'cc'))).toMatch(/^cc-/);
    expect(traceIdOf(traceparent)).toBe(trace);
  });

  it.each([
    ['absent', undefined],
    ['a number', 1],
    ['empty', ''],
    ['in upper case', traceparent.toUpperCase()],
    ['of the forbidden version', traceparent.replace(/^00/, 'ff')],
    ['of no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['of no parent', `00-${trace}-${'0'.repeat(16)}-01`],
    ['too long', `${traceparent}-00`],
    ['cut off', traceparent.slice(0, -1)],
    ['followed by a line', `${traceparent}\n`],
    ['two, joined', `${traceparent}, ${traceparent}`],
  ])('is ignored when it is %s', (_, value) => {
    expect(readTraceparent(value)).toBeUndefined();
  });

  it('of the event goes before that of the delivery', () => {
    const other = traceparent.replace(/01$/, '00');
    expect(traceparentOf({ ...event, traceparent }, other)).toBe(traceparent);
    expect(traceparentOf({ ...event, traceparent: 'rubbish' }, other)).toBe(other);
    expect(traceparentOf(event, 'rubbish')).toBeUndefined();
  });

  it('is put onto an event that has none', () => {
    expect(withTrace(event, traceparent)).toEqual({ ...event, traceparent });
    const other = { ...event, traceparent: traceparent.replace(/01$/, '00') };
    expect(withTrace(other, traceparent)).toBe(other);
  });
});
