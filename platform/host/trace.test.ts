import { expect, it } from 'vitest';
import type { Ports } from '../../functions/lib/ports.ts';
import { type TestPorts, testPorts } from '../../functions/lib/store/testing/test-ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { handleEvent, tracedPorts } from './trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const event: CloudEvent = { specversion: '1.0', id: '1', source: '/test', type: 'test' };

/** What a function in a trace, or in none, published, logged and replied. */
async function saidBy(trace: string | undefined) {
  const lines: object[] = [];
  const write = (fields: object, message: string) => void lines.push({ ...fields, message });
  const ports: TestPorts = {
    ...(await testPorts(0)),
    log: { debug: write, info: write, warn: write, error: write },
  };
  const handle = async (context: object, told: CloudEvent, { publish, log }: Ports) => {
    await publish({ ...told, id: 'published' });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({ level }, 'said');
    return { ...told, id: 'reply', data: context };
  };
  const called = { name: 'test', module: { handle }, state: 1 };
  const reply = await handleEvent(called, event, trace, tracedPorts(ports, trace));
  return { published: ports.published, lines, reply };
}

it('puts the trace of an event onto all that its function says', async () => {
  const { published, lines, reply } = await saidBy(traceparent);
  expect(published).toEqual([{ ...event, id: 'published', traceparent }]);
  expect(reply).toEqual({ ...event, id: 'reply', traceparent, data: { state: 1, traceparent } });
  expect(lines).toEqual(['debug', 'info', 'warn', 'error'].map((level) => ({ level, traceId, message: 'said' })));
});

it('leaves all as it is where there is no trace', async () => {
  const { published, lines, reply } = await saidBy(undefined);
  expect(published).toEqual([{ ...event, id: 'published' }]);
  expect(reply).toEqual({ ...event, id: 'reply', data: { state: 1 } });
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).not.toHaveProperty('traceId');
});
