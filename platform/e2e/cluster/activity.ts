import { sleep } from '../program.ts';
import type { ServicePod } from './services.ts';

/** Which pods there were at a moment. */
export interface Look {
  atMs: number;
  pods: readonly ServicePod[];
}

/** A time in which a function had pods, those on their way out included; as exact as the looks are close. */
export interface Spell {
  service: string;
  fromMs: number;
  untilMs: number;
}

/** Looks again and again, until it is told to stop. A look that fails is none: the next one comes soon. */
export function watch(look: () => Promise<ServicePod[]>, everyMs: number): { looks: Look[]; stop(): Promise<void> } {
  const looks: Look[] = [];
  let going = true;
  const done = (async () => {
    while (going) {
      const pods = await look().catch(() => undefined);
      if (pods) looks.push({ atMs: Date.now(), pods });
      await sleep(everyMs);
    }
  })();
  return {
    looks,
    stop: () => {
      going = false;
      return done;
    },
  };
}

/** What was awake when, between two instants, earliest first. */
export function spellsOf(looks: readonly Look[], fromMs: number, untilMs: number): Spell[] {
  const spells: Spell[] = [];
  const open = new Map<string, Spell>();
  for (const { atMs, pods } of looks.filter((look) => look.atMs >= fromMs && look.atMs < untilMs)) {
    const there = new Set(pods.map(({ service }) => service));
    for (const service of there) {
      const spell = open.get(service) ?? { service, fromMs: atMs, untilMs: atMs };
      if (!open.has(service)) spells.push(spell);
      open.set(service, spell);
    }
    for (const [service, spell] of open) {
      spell.untilMs = atMs;
      if (!there.has(service)) open.delete(service);
    }
  }
  return spells;
}

/** For how long before `untilMs` there was no pod of anybody, ms; 0 where there was one at the last look. */
export function quietBeforeMs(looks: readonly Look[], untilMs: number): number {
  const before = looks.filter(({ atMs }) => atMs < untilMs);
  const first = before.findLastIndex(({ pods }) => pods.length > 0) + 1;
  const since = before[first];
  return since === undefined ? 0 : untilMs - since.atMs;
}

/** The most pods of each function that there were at a time, those on their way out left aside. */
export function mostPods(looks: readonly Look[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const { pods } of looks) {
    const here = pods.filter(({ ending }) => !ending).map(({ service }) => service);
    for (const service of new Set(here)) {
      most.set(service, Math.max(most.get(service) ?? 0, here.filter((one) => one === service).length));
    }
  }
  return most;
}
