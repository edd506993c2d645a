import { describe, expect, it } from 'vitest';
import { PublishRefused } from './errors.ts';
import {
  anEvent,
  aRuntime,
  brokerYaml,
  failure,
  serviceYaml,
  startMs,
  toQuarantine,
  triggerYaml,
} from './test-runtime.ts';

const services = (...names: string[]) => names.map((name) => serviceYaml(name));
const ids = (seen: { event: { id: string } }[] = []) => seen.map(({ event }) => event.id);

describe('routing', () => {
  const onType = (name: string, to: string, type: string) =>
    triggerYaml(name, to, `filter: {attributes: {type: ${type}}}`);

  it('gives an event to every trigger that matches, once, and to no other', async () => {
    const yaml = [
      brokerYaml(),
      ...services('a', 'b', 'c'),
      triggerYaml('all', 'a'),
      onType('yes', 'b', 'test.asked'),
      onType('no', 'c', 'other'),
    ];
    const { runtime, seen, settle, metrics } = await aRuntime(yaml, { a() {}, b() {}, c() {} });
    await runtime.publish(anEvent());
    await settle();
    expect([ids(seen.a), ids(seen.b), ids(seen.c)]).toEqual([['1'], ['1'], []]);
    expect(runtime.status().triggers).toEqual([
      {
        namespace: 'fleet',
        name: 'all',
        delivered: 1,
        retried: 0,
        deadLettered: 0,
        dropped: 0,
      },
      {
        namespace: 'fleet',
        name: 'yes',
        delivered: 1,
        retried: 0,
        deadLettered: 0,
        dropped: 0,
      },
      {
        namespace: 'fleet',
        name: 'no',
        delivered: 0,
        retried: 0,
        deadLettered: 0,
        dropped: 0,
      },
    ]);
    expect(metrics.counts.get('fleet_deliveries_total{trigger="all",outcome="delivered"}')).toBe(1);
  });

  it('matches replies against all triggers, that of the originator included', async () => {
    const yaml = [
      brokerYaml(),
      ...services('a', 'b'),
      triggerYaml('all', 'a'),
      onType('answers', 'b', 'test.answered'),
    ];
    const { runtime, seen, settle } = await aRuntime(yaml, {
      a: ({ type }) => (type === 'test.asked' ? anEvent({ id: '2', type: 'test.answered' }) : undefined),
      b() {},
    });
    await runtime.publish(anEvent());
    await settle();
    expect([ids(seen.a), ids(seen.b)]).toEqual([['1', '2'], ['2']]);
  });

  it('tells when an event arrived, hides its hops, and shows no one what another did to it', async () => {
    const yaml = [brokerYaml(), ...services('a', 'b'), triggerYaml('a', 'a'), triggerYaml('b', 'b')];
    const { runtime, seen, settle } = await aRuntime(yaml, {
      a: (event) => {
        (event.data as { list: number[] }).list.push(2);
      },
      b() {},
    });
    await runtime.publish(anEvent({ knativebrokerttl: 7, data: { list: [1] } }));
    await settle();
    const arrived = anEvent({ knativearrivaltime: new Date(startMs).toISOString(), data: { list: [1] } });
    expect(seen.b?.[0]?.event).toEqual(arrived);
    expect(runtime.status().triggers.map(({ dropped }) => dropped)).toEqual([1, 0]);
  });

  it('passes the trace on, by header or by attribute, and to replies', async () => {
    const [byHeader, byAttribute] = ['a', 'b'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`);
    const traces: (string | undefined)[] = [];
    const { runtime, seen, settle } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a')], {
      a: ({ type }, { traceparent }) => {
        traces.push(traceparent);
        return type === 'test.asked' ? anEvent({ type: 'test.answered' }) : undefined;
      },
    });
    await runtime.publish(anEvent(), 'fleet/default', { headers: { traceparent: byHeader as string } });
    await settle();
    await runtime.publish(anEvent({ type: 'other', traceparent: byAttribute }));
    await settle();
    expect(traces).toEqual([byHeader, byHeader, byAttribute]);
    expect(seen.a?.map(({ event }) => event.traceparent)).toEqual([undefined, byHeader, byAttribute]);
  });

  it('delivers an event with a traceparent that is none, in no trace', async () => {
    const traces: (string | undefined)[] = [];
    const { runtime, settle } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a')], {
      a: (_, { traceparent }) => void traces.push(traceparent),
    });
    await runtime.publish(anEvent({ traceparent: '日本' }), 'fleet/default', { headers: {} });
    await runtime.publish(anEvent(), 'fleet/default', { headers: { traceparent: '00-a-b-01' } });
    await settle();
    expect(traces).toEqual([undefined, undefined]);
  });

  it('resolves publish before the event is delivered', async () => {
    let finish = () => {};
    const { runtime, seen, settle } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a')], {
      a: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await runtime.publish(anEvent());
    expect(runtime.status().queue.events).toBe(1);
    while (seen.a === undefined) await new Promise(setImmediate);
    finish();
    await settle();
    expect(runtime.status().queue).toEqual({ events: 0, bytes: 0 });
  });

  it('ends a cycle of replies when its hops are used up', async () => {
    const yaml = [
      brokerYaml(`{retry: 3, ${toQuarantine}}`),
      ...services('echo', 'quarantine'),
      onType('echo', 'echo', 'test.asked'),
    ];
    const { runtime, seen, settle, metrics } = await aRuntime(yaml, { echo: () => anEvent(), quarantine() {} });
    await runtime.publish(anEvent());
    await settle();
    expect(seen.echo).toHaveLength(255);
    expect(seen.quarantine).toHaveLength(1);
    expect(seen.quarantine?.[0]?.event).toMatchObject({
      knativeerrordest: 'http://broker-ingress.knative-eventing.svc.cluster.local/fleet/default',
      knativeerrorcode: '400',
    });
    expect(metrics.counts.get('fleet_broker_events_total{outcome="hops_used_up"}')).toBe(1);
  });
});

it.each(['100000000000000000000', '-100000000000000000000', 'many'])(
  'counts hops from the default where it is told %s',
  async (knativebrokerttl) => {
    const yaml = [brokerYaml(), serviceYaml('echo'), triggerYaml('echo', 'echo')];
    let count = 0;
    const { runtime, settle } = await aRuntime(yaml, {
      echo: () => (count++ < 1_000 ? anEvent() : undefined),
    });
    await runtime.publish(anEvent({ knativebrokerttl }));
    await settle();
    expect(count).toBe(255);
  },
);

describe('retries and dead letters', () => {
  /** A function that fails its first `failures` events. */
  const failing = (failures: number, status = 500) => {
    let count = 0;
    return () => {
      count += 1;
      if (count <= failures) throw failure(status, 'not yet');
    };
  };
  const run = async (delivery: string, handler: () => unknown, trigger = '') => {
    const yaml = [brokerYaml(delivery), ...services('a', 'quarantine'), triggerYaml('t', 'a', trigger)];
    const made = await aRuntime(yaml, { a: handler, quarantine() {} });
    await made.runtime.publish(anEvent({ data: { poison: true } }));
    await made.settle(3_600_000);
    return { ...made, counts: made.runtime.status().triggers[0] };
  };

  it('delivers what fails as often as it may be tried again', async () => {
    const { counts, seen } = await run(`{retry: 3, ${toQuarantine}}`, failing(3));
    expect(counts).toMatchObject({ delivered: 1, retried: 3, deadLettered: 0 });
    expect(seen.quarantine).toBeUndefined();
  });

  it('sends what fails once more to the dead-letter sink, with the reason', async () => {
    const { counts, seen, metrics } = await run(`{retry: 3, ${toQuarantine}}`, failing(4));
    expect(counts).toMatchObject({ delivered: 0, retried: 3, deadLettered: 1, dropped: 0 });
    expect(seen.quarantine?.[0]?.event).toMatchObject({
      id: '1',
      data: { poison: true },
      knativeerrordest: 'http://a.fleet.svc.cluster.local',
      knativeerrorcode: '500',
      knativeerrordata: Buffer.from('not yet').toString('base64'),
    });
    expect(metrics.counts.get('fleet_deliveries_total{trigger="t",outcome="dead_lettered"}')).toBe(1);
  });

  it('lets the trigger’s delivery replace the broker’s, but for a sink it does not name', async () => {
    const more = await run('{retry: 0}', failing(4), `delivery: {retry: 4, ${toQuarantine}}`);
    expect(more.counts).toMatchObject({ delivered: 1, retried: 4 });
    const noSink = await run(`{retry: 9, ${toQuarantine}}`, failing(9), 'delivery: {retry: 1}');
    expect(noSink.counts).toMatchObject({ retried: 1, deadLettered: 1, dropped: 0 });
  });

  it('drops without a sink, after the ten tries of a broker that does not say', async () => {
    const yaml = [brokerYaml().replace('{delivery: {retry: 0}}', '{}'), ...services('a'), triggerYaml('t', 'a')];
    const { runtime, settle, seen } = await aRuntime(yaml, { a: failing(99) });
    await runtime.publish(anEvent());
    await settle(3_600_000);
    expect(runtime.status().triggers[0]).toMatchObject({ retried: 10, dropped: 1 });
    expect(seen.a?.slice(0, 4).map(({ atMs }) => atMs)).toEqual([0, 200, 600, 1_400]);
  });

  it.each([
    ['exponential', [0, 200, 600, 1_400, 3_000]],
    ['linear', [0, 0, 200, 600, 1_200]],
  ])('spaces tries by the %s policy', async (policy, expected) => {
    const { seen } = await run(`{retry: 4, backoffPolicy: ${policy}, backoffDelay: PT0.2S}`, failing(9));
    expect(seen.a?.map(({ atMs }) => atMs)).toEqual(expected);
  });

  it.each([400, 401, 403, 410, 422])('never tries %i again', async (status) => {
    const { counts, seen } = await run(`{retry: 3, ${toQuarantine}}`, failing(1, status));
    expect(counts).toMatchObject({ retried: 0, deadLettered: 1 });
    expect(seen.quarantine?.[0]?.event.knativeerrorcode).toBe(String(status));
  });

  it.each([404, 408, 409, 429, 500, 503])('tries %i again', async (status) => {
    expect((await run('{retry: 1}', failing(1, status))).counts).toMatchObject({ delivered: 1, retried: 1 });
  });

  it('keeps at most 1024 characters of the reason', async () => {
    const { seen } = await run(`{retry: 0, ${toQuarantine}}`, () => {
      throw failure(422, 'é'.repeat(5_000));
    });
    expect(seen.quarantine?.[0]?.event.knativeerrordata).toHaveLength(1_024);
  });

  it('takes any other thing that is thrown for a 500', async () => {
    for (const thrown of [new TypeError('bug'), 'text', undefined, { status: 200 }, { status: '422' }]) {
      const { seen } = await run(`{retry: 0, ${toQuarantine}}`, () => {
        throw thrown;
      });
      expect(seen.quarantine?.[0]?.event.knativeerrorcode).toBe('500');
    }
  });

  it('takes a reply that is no CloudEvent for a 502, and tries again', async () => {
    const { counts, seen } = await run(`{retry: 1, ${toQuarantine}}`, () => 'OK');
    expect(counts).toMatchObject({ retried: 1, deadLettered: 1 });
    expect(seen.quarantine?.[0]?.event.knativeerrorcode).toBe('502');
  });

  it('tries the dead-letter sink again too, and drops with a count what it does not take', async () => {
    const yaml = (sink: () => unknown) =>
      aRuntime([brokerYaml(`{retry: 2, ${toQuarantine}}`), ...services('a', 'quarantine'), triggerYaml('t', 'a')], {
        a: failing(99, 422),
        quarantine: sink,
      });
    const slow = await yaml(failing(2));
    await slow.runtime.publish(anEvent());
    await slow.settle();
    expect(slow.runtime.status().triggers[0]).toMatchObject({ retried: 2, deadLettered: 1, dropped: 0 });
    const never = await yaml(failing(3));
    await never.runtime.publish(anEvent());
    await never.settle();
    expect(never.runtime.status().triggers[0]).toMatchObject({ retried: 2, deadLettered: 0, dropped: 1 });
  });

  it('gives up on a try that takes too long', async () => {
    const yaml = [
      brokerYaml(`{retry: 1, timeout: PT5S, ${toQuarantine}}`),
      ...services('a', 'quarantine'),
      triggerYaml('t', 'a'),
    ];
    const handlers = { a: () => new Promise(() => {}), quarantine() {} };
    const { runtime, clock, seen, metrics } = await aRuntime(yaml, handlers);
    await runtime.publish(anEvent());
    await clock.advance(60_000);
    expect(metrics.counts.get('fleet_delivery_failures_total{trigger="t",reason="timeout"}')).toBe(2);
    await runtime.idle();
    expect(seen.a?.map(({ atMs }) => atMs)).toEqual([0, 5_000]);
    expect(runtime.status().triggers[0]).toMatchObject({ retried: 1, deadLettered: 1 });
    const reason = Buffer.from(String(seen.quarantine?.[0]?.event.knativeerrordata), 'base64').toString();
    expect(reason).toBe('dispatch error: no answer within 5000 ms');
  });

  it('tells when all that is left waits for the clock', async () => {
    const yaml = [
      brokerYaml('{retry: 1, backoffPolicy: exponential, backoffDelay: P1D}'),
      ...services('a'),
      triggerYaml('t', 'a'),
    ];
    const { runtime, seen } = await aRuntime(yaml, {
      a: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw failure(500);
      },
    });
    await runtime.publish(anEvent());
    await runtime.publish(anEvent());
    await runtime.settled();
    expect(seen.a).toHaveLength(2);
    expect(runtime.status().queue.events).toBe(2);
  });
});

describe('isolation and bounds', () => {
  it('delivers neighbours while a poison event waits for its tries, even one at a time', async () => {
    const yaml = [
      brokerYaml('{retry: 5, backoffPolicy: exponential, backoffDelay: PT1S}'),
      serviceYaml('a', { concurrency: 1 }),
      triggerYaml('t', 'a'),
    ];
    const good: string[] = [];
    const { runtime, clock } = await aRuntime(yaml, {
      a: ({ id, subject }) => {
        if (subject === 'poison') throw failure(500);
        good.push(id);
      },
    });
    for (let index = 0; index < 50; index += 1) {
      await runtime.publish(anEvent({ id: `p${index}`, subject: 'poison' }));
      await runtime.publish(anEvent({ id: `g${index}` }));
    }
    await clock.advance(0);
    expect(good).toHaveLength(50);
    expect(runtime.status().queue.events).toBe(50);
    await clock.advance(3_600_000);
    await runtime.idle();
    expect(runtime.status().triggers[0]).toMatchObject({ delivered: 50, retried: 250, dropped: 50 });
  });

  it('keeps to a Service’s containerConcurrency over all triggers that lead to it', async () => {
    const yaml = [brokerYaml(), serviceYaml('a', { concurrency: 1 }), triggerYaml('t', 'a'), triggerYaml('u', 'a')];
    let running = 0;
    let most = 0;
    const { runtime, settle } = await aRuntime(yaml, {
      a: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
      },
    });
    for (let index = 0; index < 5; index += 1) await runtime.publish(anEvent());
    await settle();
    expect(most).toBe(1);
    expect(runtime.status().triggers.map(({ delivered }) => delivered)).toEqual([5, 5]);
  });

  const stuck = (limits: { events: number; bytes: number }) =>
    aRuntime(
      [brokerYaml(), ...services('a'), triggerYaml('t', 'a')],
      { a: () => new Promise(() => {}) },
      { backlog: limits },
    );

  it('refuses events over its bound, by number and by bytes', async () => {
    const byNumber = await stuck({ events: 2, bytes: 1e6 });
    await byNumber.runtime.publish(anEvent());
    await byNumber.runtime.publish(anEvent());
    const refusal = await byNumber.runtime.publish(anEvent()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PublishRefused);
    expect(refusal).toMatchObject({ code: 'queue_full', status: 429 });
    expect(byNumber.metrics.counts.get('fleet_broker_events_total{outcome="queue_full"}')).toBe(1);
    expect(byNumber.metrics.counts.get('fleet_broker_queue_events{}')).toBe(2);

    const byBytes = await stuck({ events: 100, bytes: 10_000 });
    await byBytes.runtime.publish(anEvent({ data: 'x'.repeat(9_000) }));
    await expect(byBytes.runtime.publish(anEvent({ data: 'x'.repeat(1_000) }))).rejects.toMatchObject({
      code: 'queue_full',
    });
  });

  it('keeps room for the replies to what it took, and tries again those that come beyond it', async () => {
    const yaml = [
      brokerYaml('{retry: 2}'),
      ...services('a'),
      triggerYaml('t', 'a', 'filter: {attributes: {type: test.asked}}'),
    ];
    const answering = (data: string) =>
      aRuntime(yaml, { a: () => anEvent({ type: 'test.answered', data }) }, { backlog: { events: 3, bytes: 3_000 } });
    const flooded = await answering('');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => flooded.runtime.publish(anEvent())));
    expect(outcomes.map(({ status }) => status).filter((status) => status === 'fulfilled')).toHaveLength(3);
    await flooded.settle();
    expect(flooded.runtime.status().triggers[0]).toMatchObject({ delivered: 3, retried: 0, dropped: 0 });

    const large = await answering('x'.repeat(6_000));
    await large.runtime.publish(anEvent());
    await large.settle();
    expect(large.runtime.status().triggers[0]).toMatchObject({ delivered: 0, retried: 2, dropped: 1 });
  });

  it('refuses what is no event, an unknown broker, used-up hops, and data without an end', async () => {
    const { runtime } = await aRuntime([brokerYaml(), ...services('a')], { a() {} });
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    await expect(runtime.publish(anEvent({ id: '' }))).rejects.toMatchObject({ code: 'invalid_event', status: 400 });
    await expect(runtime.publish(anEvent(), 'fleet/other')).rejects.toMatchObject({
      code: 'unknown_broker',
      status: 404,
    });
    await expect(runtime.publish(anEvent({ knativebrokerttl: '1' }))).rejects.toMatchObject({
      code: 'hops_used_up',
      status: 400,
    });
    await expect(runtime.publish(anEvent({ data: cycle }))).rejects.toMatchObject({ code: 'invalid_event' });
  });

  it('refuses everything while it is off', async () => {
    const { runtime, settle, seen } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a')], {
      a() {},
    });
    runtime.setBrokerOff(true);
    await expect(runtime.publish(anEvent())).rejects.toMatchObject({ code: 'broker_off', status: 503 });
    expect(runtime.status().broker).toBe('off');
    runtime.setBrokerOff(false);
    await runtime.publish(anEvent());
    await settle();
    expect(seen.a).toHaveLength(1);
  });
});

describe('life', () => {
  const ping = `apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: tick, namespace: fleet}
spec: {schedule: "*/5 * * * *", sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}}
`;

  it('wakes a function by a ping and lets it sleep again', async () => {
    const { runtime, clock, seen } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a'), ping], {
      a() {},
    });
    await runtime.start();
    expect(runtime.status()).toMatchObject({
      functions: [{ namespace: 'fleet', name: 'a', state: 'asleep', coldStarts: 0 }],
      pingSources: [{ namespace: 'fleet', name: 'tick', nextMs: startMs + 300_000 }],
    });
    await clock.advance(300_000);
    expect(runtime.status().functions).toEqual([{ namespace: 'fleet', name: 'a', state: 'active', coldStarts: 1 }]);
    await clock.advance(60_000);
    expect(runtime.status().functions).toEqual([{ namespace: 'fleet', name: 'a', state: 'asleep', coldStarts: 1 }]);
    await clock.advance(300_000);
    expect(seen.a?.map(({ event }) => event.time)).toEqual(['2026-01-01T12:05:00.000Z', '2026-01-01T12:10:00.000Z']);
  });

  it('tries a ping again that the broker does not take, and then loses it', async () => {
    const { runtime, clock, seen, metrics } = await aRuntime(
      [brokerYaml(), ...services('a'), triggerYaml('t', 'a'), ping],
      { a() {} },
    );
    await runtime.start();
    runtime.setBrokerOff(true);
    await clock.advance(300_050);
    runtime.setBrokerOff(false);
    await clock.advance(10_000);
    expect(seen.a).toHaveLength(1);
    await clock.advance(280_000);
    runtime.setBrokerOff(true);
    await clock.advance(60_000);
    expect(metrics.counts.get('fleet_pings_total{source="tick",outcome="delivered"}')).toBe(1);
    expect(metrics.counts.get('fleet_pings_total{source="tick",outcome="dropped"}')).toBe(1);
  });

  it('stops after what is under way, replies included, and shuts functions down', async () => {
    const order: string[] = [];
    const yaml = [
      brokerYaml(),
      ...services('a', 'b'),
      triggerYaml('t', 'a', 'filter: {attributes: {type: test.asked}}'),
      triggerYaml('u', 'b', 'filter: {attributes: {type: test.answered}}'),
    ];
    const { runtime, clock } = await aRuntime(yaml, {
      a: {
        async handle() {
          await new Promise(setImmediate);
          return anEvent({ type: 'test.answered' });
        },
        shutdown: () => void order.push('shutdown'),
      },
      b: () => void order.push('answer'),
    });
    await runtime.publish(anEvent());
    await runtime.stop();
    expect(order).toEqual(['answer', 'shutdown']);
    await expect(runtime.publish(anEvent())).rejects.toMatchObject({ code: 'broker_off' });
    await clock.advance(86_400_000);
  });

  it('does not wait for ever to stop, and counts what it leaves', async () => {
    const { runtime, clock, metrics } = await aRuntime([brokerYaml(), ...services('a'), triggerYaml('t', 'a')], {
      a: () => new Promise(() => {}),
    });
    await runtime.publish(anEvent());
    const stopped = runtime.stop();
    await clock.advance(10_000);
    await stopped;
    expect(metrics.counts.get('fleet_broker_events_total{outcome="abandoned"}')).toBe(1);
    expect(runtime.status().functions).toEqual([{ namespace: 'fleet', name: 'a', state: 'asleep', coldStarts: 1 }]);
  });
});
