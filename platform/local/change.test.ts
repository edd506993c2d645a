import { describe, expect, it, vi } from 'vitest';
import type { EventFunction } from '../../functions/lib/ports.ts';
import { anEvent, aRuntime, brokerYaml, failure, serviceYaml, toQuarantine, triggerYaml } from './test-runtime.ts';

/** Other manifests while events are under way, and manifests that name what is not there. */

const onType = (name: string, to: string, type: string) =>
  triggerYaml(name, to, `filter: {attributes: {type: ${type}}}`);
const ids = (seen: { event: { id: string } }[] = []) => seen.map(({ event }) => event.id);
const reasons = (made: Awaited<ReturnType<typeof aRuntime>>) =>
  made.runtime.topology().triggers.map(({ fault }) => fault?.reason);

describe('what is not there', () => {
  it('keeps events from a trigger until it is: its broker', async () => {
    const made = await aRuntime([serviceYaml('a'), triggerYaml('t', 'a')], { a() {} });
    expect(reasons(made)).toEqual(['BrokerDoesNotExist']);
    await expect(made.runtime.publish(anEvent(), 'fleet/default')).rejects.toMatchObject({ status: 404 });
    await made.change(brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a'));
    expect(reasons(made)).toEqual([undefined]);
    await made.runtime.publish(anEvent());
    await made.settle();
    expect(ids(made.seen.a)).toEqual(['1']);
  });

  it.each([
    ['its subscriber', [brokerYaml(), triggerYaml('t', 'nobody')]],
    ['its dead-letter sink', [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a', `delivery: {${toQuarantine}}`)]],
    ['the dead-letter sink of its broker', [brokerYaml(`{${toQuarantine}}`), serviceYaml('a'), triggerYaml('t', 'a')]],
  ])('is named in the fault: %s', async (_, yaml) => {
    const made = await aRuntime(yaml, { a() {} });
    const [fault] = made.runtime.topology().triggers.map((one) => one.fault);
    expect(fault?.message).toMatch(/failed to get object fleet\/(\w+): services.serving.knative.dev "\1" not found/);
    await made.runtime.publish(anEvent());
    await made.settle();
    expect(made.seen.a).toBeUndefined();
    expect(made.metrics.counts.get('fleet_broker_events_total{outcome="unmatched"}')).toBe(1);
  });
});

describe('a change of the manifests', () => {
  it('adds, changes and removes triggers, from one event to the next', async () => {
    const base = [brokerYaml(), serviceYaml('a'), serviceYaml('b')];
    const made = await aRuntime([...base, onType('t', 'a', 'test.asked')], { a() {}, b() {} });
    await made.runtime.publish(anEvent({ id: '1' }));
    await made.change(...base, onType('t', 'a', 'other'), onType('u', 'b', 'test.asked'));
    await made.runtime.publish(anEvent({ id: '2' }));
    await made.change(...base);
    await made.runtime.publish(anEvent({ id: '3' }));
    await made.settle();
    expect([ids(made.seen.a), ids(made.seen.b)]).toEqual([['1'], ['2']]);
    expect(made.runtime.status().triggers).toEqual([]);
  });

  it('keeps the counts of a trigger', async () => {
    const base = [brokerYaml(), serviceYaml('a')];
    const made = await aRuntime([...base, onType('t', 'a', 'test.asked')], { a() {} });
    await made.runtime.publish(anEvent());
    await made.settle();
    await made.change(...base, triggerYaml('t', 'a'));
    await made.runtime.publish(anEvent());
    await made.settle();
    expect(made.runtime.status().triggers[0]).toMatchObject({ name: 't', delivered: 2 });
  });

  it('lets an event that waits for another try go on as it began, though its trigger is gone', async () => {
    let fail = true;
    const yaml = [brokerYaml('{retry: 3, backoffPolicy: exponential, backoffDelay: PT10S}'), serviceYaml('a')];
    const made = await aRuntime([...yaml, triggerYaml('t', 'a')], {
      a() {
        if (fail) throw failure(503);
      },
    });
    await made.runtime.publish(anEvent());
    await made.clock.advance(0, made.runtime.settled);
    await made.change(...yaml, onType('other', 'a', 'none'));
    fail = false;
    await made.settle(20_000);
    expect(ids(made.seen.a)).toEqual(['1', '1']);
  });

  it('lets it go on also where no other trigger leads to that Service', async () => {
    let fail = true;
    const yaml = [brokerYaml('{retry: 1, backoffPolicy: exponential, backoffDelay: PT10S}'), serviceYaml('a')];
    const made = await aRuntime([...yaml, triggerYaml('t', 'a')], {
      a() {
        if (fail) throw failure(503);
      },
    });
    await made.runtime.publish(anEvent());
    await made.clock.advance(0, made.runtime.settled);
    await made.change(...yaml);
    fail = false;
    await made.settle(20_000);
    expect(ids(made.seen.a)).toEqual(['1', '1']);
  });

  it('sends a later try to the Service as it is then, and a removed one leads to the dead-letter sink', async () => {
    const broker = brokerYaml(`{retry: 1, backoffPolicy: exponential, backoffDelay: PT10S, ${toQuarantine}}`);
    const made = await aRuntime([broker, serviceYaml('a'), serviceYaml('quarantine'), triggerYaml('t', 'a')], {
      a() {
        throw failure(503);
      },
      quarantine() {},
    });
    await made.runtime.publish(anEvent());
    await made.clock.advance(0, made.runtime.settled);
    await made.change(broker, serviceYaml('quarantine'), triggerYaml('t', 'a'));
    await made.settle(10_000);
    expect(ids(made.seen.a)).toEqual(['1']);
    expect(made.seen.quarantine?.[0]?.event).toMatchObject({ knativeerrordest: 'http://a.fleet.svc.cluster.local' });
  });

  it('of a Service starts it anew and ends the old one with its last task; of others leaves it awake', async () => {
    const calls: string[] = [];
    let release = () => {};
    let count = 0;
    const fn: EventFunction<number> = {
      init() {
        count += 1;
        calls.push(`init ${count}`);
        return count;
      },
      async handle({ state }, { id }) {
        calls.push(`handle ${id} with ${state}`);
        if (id === '1') await new Promise<void>((resolve) => (release = resolve));
        calls.push(`done ${id}`);
        return undefined;
      },
      shutdown: (state) => void calls.push(`shutdown ${state}`),
    };
    const yaml = (scale: string) => [
      brokerYaml(),
      serviceYaml('a', { annotations: `{autoscaling.knative.dev/min-scale: "${scale}"}` }),
      triggerYaml('t', 'a'),
    ];
    const made = await aRuntime(yaml('0'), { a: fn as EventFunction<unknown> });
    await made.runtime.start();
    await made.runtime.publish(anEvent({ id: '1' }));
    while (!calls.includes('handle 1 with 1')) await new Promise(setImmediate);
    await made.change(...yaml('0'), onType('more', 'a', 'none'));
    expect(calls).toEqual(['init 1', 'handle 1 with 1']);
    await made.change(...yaml('1'));
    await made.runtime.publish(anEvent({ id: '2' }));
    while (!calls.includes('done 2')) await new Promise(setImmediate);
    expect(calls).not.toContain('shutdown 1');
    release();
    await made.settle(120_000);
    expect(calls).toEqual(['init 1', 'handle 1 with 1', 'init 2', 'handle 2 with 2', 'done 2', 'done 1', 'shutdown 1']);
    expect(made.metrics.counts.get('fleet_function_active{function="a"}')).toBe(1);
    await made.runtime.stop();
    expect(calls.at(-1)).toBe('shutdown 2');
  });

  it('of a Service lets the old one do what waits for it, without starting it anew for each', async () => {
    const calls: string[] = [];
    const releases: (() => void)[] = [];
    const fn: EventFunction<unknown> = {
      init: () => void calls.push('init'),
      async handle(_, { id }) {
        calls.push(id);
        await new Promise<void>((resolve) => releases.push(resolve));
        return undefined;
      },
      shutdown: () => void calls.push('shutdown'),
    };
    const yaml = (timeoutSeconds: number) => [
      brokerYaml(),
      serviceYaml('a', { concurrency: 1, timeoutSeconds }),
      triggerYaml('t', 'a'),
    ];
    const made = await aRuntime(yaml(300), { a: fn });
    for (const id of ['1', '2', '3']) await made.runtime.publish(anEvent({ id }));
    while (!calls.includes('1')) await new Promise(setImmediate);
    await made.change(...yaml(301));
    for (const id of ['2', '3', 'shutdown']) {
      releases.shift()?.();
      while (!calls.includes(id)) await new Promise(setImmediate);
    }
    await made.settle();
    expect(calls).toEqual(['init', '1', '2', '3', 'shutdown']);
  });

  it('leaves a function awake whose Service is as it was', async () => {
    const states: unknown[] = [];
    let count = 0;
    const fn: EventFunction<number> = {
      init: () => (count += 1),
      handle: async ({ state }) => void states.push(state),
    };
    const base = [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')];
    const made = await aRuntime(base, { a: fn as EventFunction<unknown> });
    await made.runtime.publish(anEvent({ id: '1' }));
    await made.settle();
    await made.change(...base, onType('more', 'a', 'none'));
    await made.runtime.publish(anEvent({ id: '2' }));
    await made.settle();
    expect(states).toEqual([1, 1]);
  });

  it('of a schedule holds from then on; the same schedule goes on', async () => {
    const ping = (name: string, schedule: string) =>
      `apiVersion: sources.knative.dev/v1\nkind: PingSource\nmetadata: {name: ${name}, namespace: fleet}\nspec: {schedule: "${schedule}", sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}}\n`;
    const base = [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')];
    const made = await aRuntime([...base, ping('p', '*/10 * * * *'), ping('q', '0 * * * *')], { a() {} });
    await made.runtime.start();
    const next = () =>
      Object.fromEntries(
        made.runtime
          .status()
          .pingSources.map(({ name, nextMs }) => [name, ((nextMs ?? 0) - made.clock.now()) / 60_000]),
      );
    expect(next()).toEqual({ p: 10, q: 60 });
    await made.change(...base, ping('p', '*/7 * * * *'), ping('q', '0 * * * *'), ping('r', '*/3 * * * *'));
    expect(next()).toEqual({ p: 7, q: 60, r: 3 });
    // The machine slept over the time of q: it is late, and not passed over.
    const late = vi.spyOn(made.clock, 'now').mockReturnValue(made.clock.now() + 61 * 60_000);
    await made.change(...base, ping('q', '0 * * * *'));
    late.mockRestore();
    expect(next()).toEqual({ q: 60 });
    await made.settle(30 * 60_000);
    expect(made.seen.a).toBeUndefined();
  });

  it('lets a broker go: its events are refused from then on', async () => {
    const made = await aRuntime([brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')], { a() {} });
    await made.change(serviceYaml('a'), triggerYaml('t', 'a'));
    await expect(made.runtime.publish(anEvent(), 'fleet/default')).rejects.toMatchObject({ code: 'unknown_broker' });
    expect(reasons(made)).toEqual(['BrokerDoesNotExist']);
  });
});
