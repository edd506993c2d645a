import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Log } from '../../functions/lib/ports.ts';
import { watchManifests } from './reload.ts';
import { anEvent, aRuntime, brokerYaml, quiet, serviceYaml, triggerYaml, writeTree } from './test-runtime.ts';

/** A checkout that is edited while it runs, looked at when the test says so. */
async function edited(...triggers: string[]) {
  const base = [brokerYaml(), serviceYaml('a'), serviceYaml('b')];
  const made = await aRuntime([...base, ...triggers], { a() {}, b() {} });
  const root = await writeTree({ 'eventing/all.yaml': [...base, ...triggers].join('---\n') });
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: fields as Record<string, unknown>, message });
  const log: Log = { ...quiet, info: note('info'), error: note('error') };
  const { runtime, metrics } = made;
  let due: (() => void) | undefined;
  const after = (_: number, callback: () => void) => {
    due = callback;
    return () => {};
  };
  const clock = { now: () => 0, after };
  const end = watchManifests({ root, functions: ['a', 'b'], runtime, clock, log, metrics });
  onTestFinished(end);
  const looked = async () => {
    while (due === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await looked();
  /** Looks once more, or so often. */
  const look = async (times = 1) => {
    for (let i = 0; i < times; i += 1) {
      const callback = due;
      due = undefined;
      callback?.();
      await looked();
    }
  };
  await look();
  const write = (...documents: string[]) =>
    writeFile(join(root, 'eventing/all.yaml'), [...base, ...documents].join('---\n'));
  const count = (outcome: string) => made.metrics.counts.get(`fleet_manifest_reloads_total{outcome="${outcome}"}`) ?? 0;
  return {
    ...made,
    root,
    write,
    count,
    look,
    lines,
    refused: () => made.metrics.counts.get('fleet_manifests_refused{}'),
  };
}

const onType = (name: string, to: string, type: string) =>
  triggerYaml(name, to, `filter: {attributes: {type: ${type}}}`);

it('takes a valid edit, and says what has changed', async () => {
  const { write, look, lines, count, runtime, seen, settle } = await edited(
    onType('t', 'a', 'x'),
    onType('u', 'a', 'x'),
  );
  await write(onType('t', 'b', 'test.asked'), onType('v', 'a', 'x'));
  await look(2);
  const [line] = lines;
  const name = (one: string) => `Trigger fleet/${one} (eventing.knative.dev/v1)`;
  expect(line).toMatchObject({
    level: 'info',
    fields: { changes: 3, changed: [`~ ${name('t')}`, `+ ${name('v')}`, `- ${name('u')}`] },
  });
  await runtime.publish(anEvent());
  await settle();
  expect(seen.b).toHaveLength(1);
  expect([count('applied'), count('refused')]).toEqual([1, 0]);
});

it('refuses one that cannot be used, once, naming file and key, and goes on with the old; a repair is taken', async () => {
  const { write, look, count, runtime, seen, settle, lines, refused } = await edited(onType('t', 'a', 'test.asked'));
  await write(onType('t', 'b', 'test.asked').replace('filter:', 'filters: [], fliter:'));
  await look(2);
  const [line] = lines;
  expect(line).toMatchObject({ level: 'error', fields: { file: 'eventing/all.yaml', key: 'spec.fliter' } });
  expect(line?.fields.error).toMatch(/^eventing\/all\.yaml:\d+: spec\.fliter: unknown key$/);
  await look(2);
  expect([lines.length, count('refused'), refused()]).toEqual([1, 1, 1]);
  await runtime.publish(anEvent());
  await settle();
  expect([seen.a?.length, seen.b]).toEqual([1, undefined]);
  await write(onType('t', 'b', 'test.asked'));
  await look(2);
  expect([count('applied'), refused()]).toEqual([1, 0]);
});

it('takes files that come, go and are replaced, and new folders of functions', async () => {
  const { root, look, runtime } = await edited();
  const triggers = () => runtime.topology().triggers.map(({ document }) => document.metadata.name);
  await writeFile(join(root, 'new.tmp'), onType('new', 'c', 'x'));
  await rename(join(root, 'new.tmp'), join(root, 'eventing/new.yaml'));
  await look(2);
  expect(triggers()).toEqual(['new']);
  expect(runtime.topology().triggers[0]?.fault?.message).toContain('"c" not found');
  await mkdir(join(root, 'functions/c'), { recursive: true });
  await writeFile(join(root, 'functions/c/service.yaml'), serviceYaml('c').replace('value: c', 'value: a'));
  await look(2);
  expect(runtime.topology().triggers[0]?.fault).toBeUndefined();
  await rm(join(root, 'eventing/new.yaml'));
  await look(2);
  expect(triggers()).toEqual([]);
});

it.each([
  [
    'a file that is too long',
    (root: string) => writeFile(join(root, 'eventing/b.yaml'), `# ${'x'.repeat(1_048_576)}`),
    /over 1048576 bytes/,
  ],
  [
    'aliases without end',
    (root: string) => {
      const lines = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`);
      return writeFile(join(root, 'eventing/b.yaml'), ['a0: &a0 [x]', ...lines].join('\n'));
    },
    /alias/,
  ],
  ['a folder of that name', (root: string) => mkdir(join(root, 'eventing/b.yaml')), /b\.yaml: /],
])('refuses %s', async (_, spoil, message) => {
  const { root, look, lines } = await edited(onType('t', 'a', 'x'));
  await spoil(root);
  await look(2);
  const [line] = lines;
  expect(line?.fields.error).toMatch(message);
});

it('takes further edits while what the last one started takes its time, and says what failed', async () => {
  const { write, look, lines, runtime } = await edited();
  const apply = vi.spyOn(runtime, 'apply');
  apply.mockReturnValueOnce(new Promise(() => {})).mockRejectedValueOnce(new Error('no store'));
  await write(onType('t', 'a', 'x'));
  await look(2);
  await write(onType('t', 'a', 'longer'));
  await look(2);
  expect(apply).toHaveBeenCalledTimes(2);
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { error: 'no store' } });
});

it('waits until an edit stands still', async () => {
  const { write, look, lines, root } = await edited();
  await writeFile(join(root, 'eventing/all.yaml'), 'half a');
  await look();
  await write(onType('t', 'a', 'x'));
  await look();
  expect(lines).toEqual([]);
  await look();
  expect(lines).toMatchObject([{ level: 'info', fields: { changes: 1 } }]);
});
