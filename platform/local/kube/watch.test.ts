import { expect, it } from 'vitest';
import { brokerYaml, serviceYaml, triggerYaml } from '../test-runtime.ts';
import { anApi } from './test-api.ts';

const triggers = '/apis/eventing.knative.dev/v1/namespaces/fleet/triggers';
const base = [brokerYaml(), serviceYaml('a')];

async function watched(...names: string[]) {
  const api = await anApi([...base, ...names.map((name) => triggerYaml(name, 'a'))], { a() {} });
  /** Other triggers, `name` or `name>subscriber`. */
  const only = async (...others: string[]) => {
    const yaml = others.map((other) => triggerYaml(other.split('>')[0] as string, other.split('>')[1] ?? 'a'));
    await api.change(...base, ...yaml);
    api.kube.refresh();
  };
  return { ...api, only };
}

const told = (events: { type: string; object: { metadata: { name: string } } }[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

it('tells all that there is, then what is added, changed and removed', async () => {
  const { watch, only } = await watched('t');
  const { take } = await watch(`${triggers}?watch=true`);
  expect(told(await take(1))).toEqual(['ADDED t']);
  await only('t', 'u');
  expect(told(await take(1))).toEqual(['ADDED u']);
  await only('t>gone', 'u');
  const [modified] = await take(1);
  expect(modified).toMatchObject({ type: 'MODIFIED', object: { metadata: { name: 't', generation: 2 } } });
  await only('u');
  expect(told(await take(1))).toEqual(['DELETED t']);
});

it('goes on from the version of a list, and misses nothing in between', async () => {
  const { watch, json, only } = await watched('t');
  const { metadata } = await json(triggers);
  await only('t', 'u');
  const { take, events } = await watch(`${triggers}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  expect(told(await take(1))).toEqual(['ADDED u']);
  await only('t', 'u', 'v');
  expect(told(await take(1))).toEqual(['ADDED v']);
  expect(events).toEqual([]);
});

it('looks by itself while somebody watches', async () => {
  const { watch, change, clock } = await watched('t');
  const { take } = await watch(`${triggers}?watch=true`);
  await take(1);
  await change(...base);
  await clock.advance(500);
  expect(told(await take(1))).toEqual(['DELETED t']);
});

it.each(['1', '99999999999999', 'none'])(
  'of a version that is forgotten or never was (%s) is told to list again',
  async (version) => {
    const { watch } = await watched('t');
    const { take, ended } = await watch(`${triggers}?watch=true&resourceVersion=${version}`);
    const [error] = await take(1);
    expect(error).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    await ended;
  },
);

it('marks the end of what there was for who asks for it, and how far it is at its end', async () => {
  const { watch, clock } = await watched('t');
  const { take, ended } = await watch(
    `${triggers}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=30`,
  );
  const [, mark] = await take(2);
  expect(mark).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'Trigger', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
  await clock.advance(30_000);
  const [last] = await take(1);
  expect(last).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: mark?.object.metadata.resourceVersion } },
  });
  await ended;
});

it('of some objects sees them come and go as they begin and cease to match', async () => {
  const { watch, only, change, kube } = await watched('t', 'u');
  const named = await watch(`${triggers}?watch=true&fieldSelector=metadata.name%3Du`);
  expect(told(await named.take(1))).toEqual(['ADDED u']);
  const labelled = await watch(`${triggers}?watch=true&labelSelector=team%3Da`);
  await change(
    ...base,
    triggerYaml('t', 'a').replace('{name: t,', '{name: t, labels: {team: a},'),
    triggerYaml('u', 'a'),
  );
  kube.refresh();
  expect(told(await labelled.take(1))).toEqual(['ADDED t']);
  await only('t', 'u');
  expect(told(await labelled.take(1))).toEqual(['DELETED t']);
  expect(named.events).toEqual([]);
});

it('has tables too, a row to an event', async () => {
  const { watch } = await watched('t');
  const { take } = await watch(`${triggers}?watch=true`, 'application/json;as=Table;v=v1;g=meta.k8s.io');
  const [event] = await take(1);
  expect(event).toMatchObject({
    type: 'ADDED',
    object: { kind: 'Table', rows: [{ object: { metadata: { name: 't' } } }] },
  });
});

/** A trigger of 18 MB, in a file of one: more than sockets hold. */
const huge = (name: string, letter: string) =>
  triggerYaml(name, 'a').replace(
    `{name: ${name},`,
    `{name: ${name}, annotations: {a0: &long "${letter.repeat(900_000)}", ${Array.from({ length: 20 }, (_, i) => `b${i}: *long`).join()}},`,
  );

it('tells of objects however large they are', async () => {
  const { watch } = await anApi([...base, huge('t', 'x'), triggerYaml('u', 'a')], { a() {} });
  const { take } = await watch(`${triggers}?watch=true`);
  expect(told(await take(2))).toEqual(['ADDED t', 'ADDED u']);
});

it('is cut off where too much is left unread, and others go on', async () => {
  const { watch, change, kube } = await watched('t', 'u');
  const other = await watch(`${triggers}?watch=true&fieldSelector=metadata.name%3Du`);
  const stalled = await watch(`${triggers}?watch=true`);
  await Promise.all([other.take(1), stalled.take(2)]);
  const cutOff = new Promise((resolve) => stalled.response.on('error', resolve).pause());
  for (const letter of ['x', 'y']) {
    await change(...base, huge('t', letter), triggerYaml('u', letter));
    kube.refresh();
  }
  expect(await cutOff).toMatchObject({ code: 'ECONNRESET' });
  expect(told(await other.take(2))).toEqual(['MODIFIED u', 'MODIFIED u']);
});

it('is bounded in number, and all end when the port closes', async () => {
  const { watch, kube, ask } = await watched('t');
  const all = await Promise.all(Array.from({ length: 64 }, () => watch(`${triggers}?watch=true`)));
  expect((await ask(`${triggers}?watch=true`)).status).toBe(429);
  all[0]?.leave();
  let status = 429;
  while (status === 429) {
    const again = await watch(`${triggers}?watch=true`);
    status = again.response.statusCode ?? 0;
    all.push(again);
  }
  kube.close();
  await Promise.all(all.map(({ ended }) => ended));
});
