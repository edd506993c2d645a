import { describe, expect, it } from 'vitest';
import { anEvent, brokerYaml, failure, serviceYaml, toQuarantine, triggerYaml } from '../test-runtime.ts';
import type { Condition } from './conditions.ts';
import type { KubeObject } from './object-store.ts';
import { anApi } from './test-api.ts';

const eventing = '/apis/eventing.knative.dev/v1/namespaces/fleet';
const serving = '/apis/serving.knative.dev/v1/namespaces/fleet';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const pingYaml = (name: string, sink = 'default') =>
  `apiVersion: sources.knative.dev/v1\nkind: PingSource\nmetadata: {name: ${name}, namespace: fleet}\nspec: {schedule: "*/5 * * * *", sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: ${sink}}}}\n`;
const whole = [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a'), pingYaml('p')];

type Timed = Condition & { lastTransitionTime: string };
const timed = ({ status }: KubeObject) => (status?.conditions ?? []) as Timed[];
const conditions = (object: KubeObject) =>
  Object.fromEntries(timed(object).map(({ type, status: is, reason }) => [type, reason ?? is]));
const condition = (object: KubeObject, type: string) => timed(object).find((one) => one.type === type);

describe('objects', () => {
  it('are as they are written, with version, age and status', async () => {
    const { json } = await anApi(whole, { a() {} });
    const trigger = await json(`${eventing}/triggers/t`);
    expect(trigger).toMatchObject({
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Trigger',
      metadata: { name: 't', namespace: 'fleet', generation: 1, creationTimestamp: '2026-01-01T12:00:00Z' },
      spec: { broker: 'default', subscriber: { ref: { kind: 'Service', name: 'a' } } },
      status: { observedGeneration: 1, subscriberUri: 'http://a.fleet.svc.cluster.local' },
    });
    expect(trigger.metadata.labels).toEqual({ 'eventing.knative.dev/broker': 'default' });
    expect(trigger.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(Object.values(conditions(trigger))).toHaveLength(7);
    expect(condition(trigger, 'Ready')).toEqual({
      type: 'Ready',
      status: 'True',
      lastTransitionTime: '2026-01-01T12:00:00Z',
    });
  });

  it('tell where brokers, sinks and public services really are', async () => {
    const { json } = await anApi([...whole, serviceYaml('query')], { a() {}, query() {} });
    const url = 'http://127.0.0.1:8081/fleet/default';
    const broker = await json(`${eventing}/brokers/default`);
    expect(broker.status).toMatchObject({ address: { url } });
    // As a real cluster has it, on which it is no part of Ready.
    expect(condition(broker, 'DeadLetterSinkResolved')).toMatchObject({ status: 'True', severity: 'Info' });
    for (const version of ['v1', 'v1beta2']) {
      const [ping] = (await json(`/apis/sources.knative.dev/${version}/pingsources`)).items;
      expect([ping?.apiVersion, ping?.status?.sinkUri]).toEqual([`sources.knative.dev/${version}`, url]);
    }
    expect((await json(`${serving}/services/query`)).status).toMatchObject({ url: 'http://localhost:8080' });
    const [type] = (await json('/apis/eventing.knative.dev/v1beta2/eventtypes')).items;
    expect(type?.spec).toMatchObject({
      type: 'dev.knative.sources.ping',
      reference: { kind: 'Broker', name: 'default' },
    });
  });

  it('come with the revision, route and configuration of a service; asleep it is ready, with no replicas', async () => {
    const { json, runtime, settle, clock } = await anApi([...whole, serviceYaml('query')], { a() {}, query() {} });
    expect((await json(`${serving}/services/a`)).status).toMatchObject({
      latestReadyRevisionName: 'a-00001',
      traffic: [{ revisionName: 'a-00001', percent: 100 }],
    });
    for (const kind of ['services', 'routes', 'configurations', 'revisions']) {
      for (const object of (await json(`${serving}/${kind}`)).items)
        expect(condition(object, 'Ready')?.status).toBe('True');
    }
    const revision = (name = 'a') => json(`${serving}/revisions/${name}-00001`);
    expect((await revision()).status).toMatchObject({ actualReplicas: 0, desiredReplicas: 0 });
    expect(condition(await revision(), 'Active')).toMatchObject({
      status: 'False',
      severity: 'Info',
      reason: 'NoTraffic',
    });
    expect((await revision('query')).status).toMatchObject({ actualReplicas: 1 });
    await runtime.publish(anEvent());
    await settle();
    expect((await revision()).status).toMatchObject({ actualReplicas: 1 });
    await clock.advance(120_000, runtime.settled);
    expect((await revision()).status).toMatchObject({ actualReplicas: 0 });
  });

  it('of a service that fails to start are not ready, and say why', async () => {
    const broken = { init: () => Promise.reject(new Error('no disk')), handle: async () => undefined };
    const { json, runtime, settle } = await anApi(whole, { a: broken });
    await runtime.publish(anEvent());
    await settle();
    expect(conditions(await json(`${serving}/revisions/a-00001`))).toMatchObject({ Ready: 'StartFailed' });
    const service = await json(`${serving}/services/a`);
    expect(condition(service, 'Ready')).toMatchObject({ status: 'False', message: expect.stringContaining('no disk') });
    expect(service.status).not.toHaveProperty('latestReadyRevisionName');
  });
});

describe('what is not ready', () => {
  it.each<[string, string[], Record<string, string>]>([
    [
      'a trigger without its broker',
      [serviceYaml('a'), triggerYaml('t', 'a')],
      { Ready: 'BrokerDoesNotExist', BrokerReady: 'BrokerDoesNotExist', SubscriberResolved: 'Unknown' },
    ],
    [
      'a trigger without its subscriber',
      [brokerYaml(), triggerYaml('t', 'a')],
      { Ready: "Unable to get the Subscriber's URI", BrokerReady: 'True', SubscriptionReady: 'Unknown' },
    ],
    [
      'a trigger without its dead-letter sink',
      [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a', `delivery: {${toQuarantine}}`)],
      { Ready: "Unable to get the dead letter sink's URI", SubscriberResolved: 'True', SubscriptionReady: 'Unknown' },
    ],
    [
      'a trigger whose broker is not',
      [brokerYaml(`{${toQuarantine}}`), serviceYaml('a'), triggerYaml('t', 'a')],
      { Ready: "Unable to get the dead letter sink's URI", SubscriberResolved: 'Unknown' },
    ],
  ])('%s', async (_, yaml, expected) => {
    const { json } = await anApi(yaml, { a() {} });
    const trigger = await json(`${eventing}/triggers/t`);
    expect(conditions(trigger)).toMatchObject(expected);
    expect(condition(trigger, 'Ready')).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/default|"a"|"quarantine"/),
    });
    const broker = await json(`${eventing}/brokers/default`);
    const fails = yaml[0]?.includes('quarantine');
    if (yaml[0] === brokerYaml() || fails) expect(condition(broker, 'Ready')?.status).toBe(fails ? 'False' : 'True');
  });

  it('a ping source without its sink, which is named', async () => {
    const { json } = await anApi([pingYaml('p', 'gone')], {});
    const ping = await json('/apis/sources.knative.dev/v1/namespaces/fleet/pingsources/p');
    expect(condition(ping, 'SinkProvided')).toMatchObject({
      status: 'False',
      reason: 'NotFound',
      message: 'failed to get object fleet/gone: brokers.eventing.knative.dev "gone" not found',
    });
    expect(ping.status).not.toHaveProperty('sinkUri');
    expect((await json('/apis/eventing.knative.dev/v1beta2/eventtypes')).items).toEqual([]);
  });

  it('a broker that is off, and its triggers', async () => {
    const { json, runtime } = await anApi(whole, { a() {} });
    runtime.setBrokerOff(true);
    expect(conditions(await json(`${eventing}/brokers/default`)).Ready).toBe('EndpointsUnavailable');
    expect(conditions(await json(`${eventing}/triggers/t`)).BrokerReady).toBe('EndpointsUnavailable');
  });
});

describe('a change', () => {
  it('gives a new version, counts the generation up, and keeps age and what has not changed', async () => {
    const { json, change, clock } = await anApi(whole, { a() {} });
    const [before, broker] = [await json(`${eventing}/triggers/t`), await json(`${eventing}/brokers/default`)];
    await clock.advance(5_000);
    await change(brokerYaml(), serviceYaml('a', { timeoutSeconds: 5 }), triggerYaml('t', 'gone'), pingYaml('p'));
    const after = await json(`${eventing}/triggers/t`);
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
    expect(after.metadata).toMatchObject({ generation: 2, uid: before.metadata.uid });
    expect(after.metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
    expect(condition(after, 'Ready')?.lastTransitionTime).toBe('2026-01-01T12:00:05Z');
    expect(condition(after, 'BrokerReady')?.lastTransitionTime).toBe('2026-01-01T12:00:00Z');
    expect(await json(`${eventing}/brokers/default`)).toEqual(broker);
    const revisions = (await json(`${serving}/revisions`)).items.map(({ metadata }) => metadata.name);
    expect(revisions).toEqual(['a-00002']);
  });
});

describe('lists', () => {
  it('are of one namespace or of all, and by selectors', async () => {
    const { json } = await anApi([...whole, triggerYaml('u', 'a')], { a() {} });
    const names = async (path: string) => (await json(path)).items?.map(({ metadata }) => metadata.name);
    expect(await names('/apis/eventing.knative.dev/v1/triggers')).toEqual(['t', 'u']);
    expect(await names('/apis/eventing.knative.dev/v1/namespaces/other/triggers')).toEqual([]);
    expect(await names(`${eventing}/triggers?fieldSelector=metadata.name%3Du`)).toEqual(['u']);
    expect(await names(`${eventing}/triggers?labelSelector=eventing.knative.dev/broker%3Dother`)).toEqual([]);
    expect(await names(`${eventing}/triggers?labelSelector=eventing.knative.dev/broker in (x, default),!y`)).toEqual([
      't',
      'u',
    ]);
    expect(
      await names(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?labelSelector=duck.knative.dev/source%3Dtrue',
      ),
    ).toEqual(['pingsources.sources.knative.dev']);
    expect(await names(`${eventing}/triggers?labelSelector=eventing.knative.dev/broker notin (default)`)).toEqual([]);
    expect(await names(`${eventing}/triggers?labelSelector=team!%3Da,team notin (a)`)).toEqual(['t', 'u']);
    expect(await names('/api/v1/namespaces')).toEqual(['fleet']);
    expect((await json(`${eventing}/triggers?fieldSelector=spec.broker%3Dx`)).code).toBe(400);
    expect((await json(`${eventing}/triggers?labelSelector=a b`)).code).toBe(400);
    expect((await json(`${eventing}/triggers?labelSelector=${','.repeat(2_001)}`)).code).toBe(400);
  });

  it('are tables for kubectl, with the columns of the CRDs', async () => {
    const { json, clock } = await anApi(whole, { a() {} });
    await clock.advance(125_000);
    interface Table {
      kind: string;
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[]; object: { kind: string; metadata: { name: string } } }[];
    }
    const triggers = await json<Table>(`${eventing}/triggers`, table);
    expect([triggers.kind, triggers.columnDefinitions.map(({ name }) => name)]).toEqual([
      'Table',
      ['Name', 'Broker', 'Subscriber_URI', 'Age', 'Ready', 'Reason'],
    ]);
    expect(triggers.rows[0]?.cells).toEqual([
      't',
      'default',
      'http://a.fleet.svc.cluster.local',
      expect.any(String),
      'True',
      null,
    ]);
    expect(triggers.rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 't' } });
    const revisions = await json<Table>(`${serving}/revisions`, table);
    expect(revisions.rows[0]?.cells).toEqual(['a-00001', 'a', '1', 'True', null, 0, 0]);
    expect((await json<Table>(`${serving}/revisions`, 'application/vnd.kubernetes.protobuf')).kind).toBe('Status');
  });
});

it('does not name a failure before there was one', async () => {
  const { json, runtime, settle } = await anApi(whole, {
    a() {
      throw failure(500);
    },
  });
  await runtime.publish(anEvent());
  await settle();
  expect(condition(await json(`${serving}/services/a`), 'Ready')?.status).toBe('True');
});
