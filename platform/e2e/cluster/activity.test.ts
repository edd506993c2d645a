import { expect, it } from 'vitest';
import { type Look, mostPods, quietBeforeMs, spellsOf } from './activity.ts';

const pod = (service: string, ending = false) => ({ service, ending });
const looks: Look[] = [
  { atMs: 0, pods: [pod('ingest')] },
  { atMs: 10, pods: [pod('ingest', true), pod('sweep'), pod('sweep')] },
  { atMs: 20, pods: [pod('sweep', true), pod('sweep')] },
  { atMs: 30, pods: [] },
  { atMs: 40, pods: [pod('sweep')] },
  { atMs: 50, pods: [] },
  { atMs: 60, pods: [] },
];

it('tells who was awake from when to when', () => {
  expect(spellsOf(looks, 0, 100)).toEqual([
    { service: 'ingest', fromMs: 0, untilMs: 20 },
    { service: 'sweep', fromMs: 10, untilMs: 30 },
    { service: 'sweep', fromMs: 40, untilMs: 50 },
  ]);
  expect(spellsOf(looks, 30, 50)).toEqual([{ service: 'sweep', fromMs: 40, untilMs: 40 }]);
});

it('tells since when nobody was awake', () => {
  expect(quietBeforeMs(looks, 70)).toBe(20);
  expect(quietBeforeMs(looks, 45)).toBe(0);
  expect(quietBeforeMs([], 45)).toBe(0);
});

it('counts the pods that there were at a time', () => {
  expect([...mostPods(looks)]).toEqual([
    ['ingest', 1],
    ['sweep', 2],
  ]);
});
