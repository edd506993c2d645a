import { expect, it, vi } from 'vitest';
import type { Ports } from '../../functions/lib/ports.ts';
import { Activation, type Lifecycle } from './activation.ts';
import { ManualClock } from './manual-clock.ts';
import { countingMetrics, quiet } from './test-runtime.ts';

function anActivation(fn: Lifecycle, { minScale = 0 } = {}) {
  const clock = new ManualClock(0);
  const metrics = countingMetrics();
  const ports = {} as Ports;
  const load = vi.fn(async () => fn);
  const activation = new Activation({
    name: 'f',
    load,
    ports,
    minScale,
    sleepAfterMs: 60_000,
    clock,
    log: quiet,
    metrics,
  });
  const use = () => activation.run(async (_, state) => state);
  return { activation, clock, metrics, ports, load, use };
}

it('starts with the first event and keeps its state', async () => {
  const init = vi.fn(() => ({ fresh: true }));
  const { activation, load, metrics, ports, use } = anActivation({ init });
  expect([activation.state, load.mock.calls.length]).toEqual(['asleep', 0]);
  const state = await use();
  expect(await use()).toBe(state);
  expect(init).toHaveBeenCalledExactlyOnceWith(ports);
  expect([activation.state, activation.coldStarts]).toEqual(['active', 1]);
  expect(metrics.counts.get('fleet_function_cold_starts_total{function="f"}')).toBe(1);
});

it('starts once for all who come at the same time', async () => {
  const init = vi.fn(() => new Promise((resolve) => setImmediate(() => resolve({}))));
  const { activation, use } = anActivation({ init });
  const states = await Promise.all([use(), use(), use()]);
  expect(new Set(states).size).toBe(1);
  expect(init).toHaveBeenCalledOnce();
  expect(activation.coldStarts).toBe(1);
});

it('falls asleep after the window, drops its state, and starts anew', async () => {
  const shutdown = vi.fn();
  const { activation, clock, metrics, use } = anActivation({ init: () => ({}), shutdown });
  const first = await use();
  await clock.advance(59_999);
  await use();
  await clock.advance(59_999);
  expect(activation.state).toBe('active');
  await clock.advance(1);
  expect(activation.state).toBe('asleep');
  expect(shutdown).toHaveBeenCalledExactlyOnceWith(first);
  expect(metrics.counts.get('fleet_function_active{function="f"}')).toBe(0);
  expect(await use()).not.toBe(first);
  expect(activation.coldStarts).toBe(2);
});

it('does not fall asleep over an event that takes longer than the window', async () => {
  const { activation, clock } = anActivation({});
  let finish = () => {};
  const running = activation.run(() => new Promise<void>((resolve) => (finish = resolve)));
  await clock.advance(300_000);
  expect(activation.state).toBe('active');
  finish();
  await running;
  await clock.advance(60_000);
  expect(activation.state).toBe('asleep');
});

it('never sleeps with a min-scale, and is awake before its first event', async () => {
  const { activation, clock } = anActivation({}, { minScale: 1 });
  await activation.start();
  await clock.advance(86_400_000);
  expect([activation.state, activation.coldStarts]).toEqual(['active', 1]);
});

it('fails the events of a failed start, and tries again with the next', async () => {
  const init = vi
    .fn(() => ({}))
    .mockImplementationOnce(() => {
      throw new Error('no store');
    });
  const { activation, metrics, use } = anActivation({ init });
  expect(await Promise.allSettled([use(), use()])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect([activation.state, activation.coldStarts]).toEqual(['asleep', 0]);
  expect(metrics.counts.get('fleet_function_start_failures_total{function="f"}')).toBe(1);
  await use();
  expect(activation.state).toBe('active');
});

it('makes an event that comes while it shuts down wait for a new start', async () => {
  let finish = () => {};
  const shutdown = () => new Promise<void>((resolve) => (finish = resolve));
  const { activation, clock, use } = anActivation({ init: () => ({}), shutdown });
  const first = await use();
  await clock.advance(60_000);
  expect(activation.state).toBe('stopping');
  const late = use();
  finish();
  expect(await late).not.toBe(first);
  expect([activation.state, activation.coldStarts]).toEqual(['active', 2]);
});

it('is asleep after a shutdown that fails', async () => {
  const shutdown = () => {
    throw new Error('no');
  };
  const { activation, clock, use } = anActivation({ shutdown });
  await use();
  await clock.advance(60_000);
  expect(activation.state).toBe('asleep');
  await use();
});
