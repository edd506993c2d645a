import { describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.ts';
import { startMs } from '../test-runtime.ts';
import { conditionsOf, isFalse, isTrue } from './conditions.ts';
import { humanDuration } from './human-duration.ts';
import { ObjectStore } from './object-store.ts';
import type { Draft } from './objects.ts';

const namespace = (name: string, phase = 'Active'): Draft => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
  status: { phase, conditions: conditionsOf({ Known: phase === 'Active' ? isTrue : isFalse('Gone', 'it is gone') }) },
});

describe('versions', () => {
  it('go up by one for each object that differs, and begin above those of an earlier start', () => {
    const store = new ObjectStore(new ManualClock(startMs));
    store.replace([namespace('a'), namespace('b')]);
    expect(store.version).toBe(startMs + 2);
    store.replace([namespace('a'), namespace('b')]);
    expect(store.version).toBe(startMs + 2);
    store.replace([namespace('a', 'Terminating')]);
    expect(store.version).toBe(startMs + 4);
    expect(store.since(startMs + 2)?.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'MODIFIED a',
      'DELETED b',
    ]);
  });

  it('are forgotten after a thousand changes', () => {
    const store = new ObjectStore(new ManualClock(startMs));
    for (let i = 0; i < 1_001; i += 1) store.replace([namespace('a', i % 2 === 0 ? 'Active' : 'Terminating')]);
    expect(store.since(startMs)).toBeUndefined();
    expect(store.since(startMs + 1)).toHaveLength(1_000);
    expect(store.since(store.version + 1)).toBeUndefined();
  });

  it('leave what a watch was told as it was', () => {
    const store = new ObjectStore(new ManualClock(startMs));
    store.replace([namespace('a')]);
    const before = store.get('namespaces', undefined, 'a');
    const version = before?.metadata.resourceVersion;
    store.replace([]);
    expect(before?.metadata.resourceVersion).toBe(version);
    expect(store.since(startMs + 1)?.[0]?.object.metadata.resourceVersion).toBe(String(startMs + 2));
  });
});

describe('Ready', () => {
  it('is false for the first that is false, and takes no notice of what informs', () => {
    const bad = isFalse('First', 'one');
    const ready = (conditions: ReturnType<typeof conditionsOf>) => conditions.find(({ type }) => type === 'Ready');
    expect(ready(conditionsOf({ Z: bad, A: isFalse('Second', 'two'), B: { status: 'Unknown' } }))).toMatchObject({
      status: 'False',
      reason: 'First',
    });
    expect(ready(conditionsOf({ A: isTrue, B: { status: 'Unknown' } }))?.status).toBe('Unknown');
    expect(ready(conditionsOf({ A: isTrue }, { B: bad }))?.status).toBe('True');
  });
});

it.each([
  [-5_000, '<invalid>'],
  [-500, '0s'],
  [119_999, '119s'],
  [120_000, '2m'],
  [599_000, '9m59s'],
  [600_000, '10m'],
  [179 * 60_000, '179m'],
  [180 * 60_000, '3h'],
  [7 * 3_600_000 + 59 * 60_000, '7h59m'],
  [47 * 3_600_000, '47h'],
  [48 * 3_600_000, '2d'],
  [7 * 86_400_000 + 3_600_000, '7d1h'],
  [8 * 86_400_000 + 3_600_000, '8d'],
  [730 * 86_400_000, '2y'],
  [731 * 86_400_000, '2y1d'],
  [3_000 * 86_400_000, '8y'],
])('prints %i ms as kubectl does: %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});
