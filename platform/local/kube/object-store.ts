import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../functions/lib/ports.ts';
import { resourceOf } from './cluster-objects.ts';
import type { Condition } from './conditions.ts';
import type { Draft } from './objects.ts';
import { nameOf } from './resources.ts';

/** An object as it is served. */
export interface KubeObject extends Draft {
  metadata: Draft['metadata'] & { uid: string; resourceVersion: string; creationTimestamp: string };
}

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As `triggers.eventing.knative.dev`. */
  resource: string;
  object: KubeObject;
  /** What a modified object was before. */
  before?: KubeObject;
  version: number;
}

/** A watch that comes back within so many changes misses none; one that is longer away lists again. */
const maxHistory = 1_000;

/**
 * The objects of the API with their versions: one counter for all, which goes up with every change and, since it begins
 * at the time of the start in ms, over restarts too.
 */
export class ObjectStore {
  #version: number;
  #objects = new Map<string, KubeObject>();
  #history: Change[] = [];
  /** Changes up to this one are forgotten. */
  #floor: number;
  readonly #watchers = new Set<(change: Change) => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#version = clock.now();
    this.#floor = this.#version;
  }

  get version(): number {
    return this.#version;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** By namespace, then by name. */
  list(resource: string): KubeObject[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${resource}|`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(`${resource}|${namespace ?? ''}/${name}`);
  }

  /** What has changed since a version, oldest first; undefined where that is forgotten, or has never been. */
  since(version: number): Change[] | undefined {
    // What is no number is none that has been.
    if (!(version >= this.#floor && version <= this.#version)) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  /** @returns the end of it */
  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Takes what there is now; what differs from before gets a version, and those who watch are told. */
  replace(drafts: readonly Draft[]): void {
    const before = this.#objects;
    this.#objects = new Map();
    const changes: Omit<Change, 'version'>[] = [];
    const seen = new Set<string>();
    for (const draft of drafts) {
      const resource = nameOf(resourceOf(draft));
      const key = `${resource}|${draft.metadata.namespace ?? ''}/${draft.metadata.name}`;
      seen.add(key);
      const old = before.get(key);
      const object = this.#complete(draft, key, old);
      this.#objects.set(key, old !== undefined && isDeepStrictEqual(object, old) ? old : object);
      if (old === undefined) changes.push({ type: 'ADDED', resource, object });
      else if (this.#objects.get(key) !== old) changes.push({ type: 'MODIFIED', resource, object, before: old });
    }
    for (const [key, old] of before) {
      if (seen.has(key)) continue;
      changes.push({ type: 'DELETED', resource: key.split('|', 1)[0] ?? '', object: structuredClone(old) });
    }
    for (const change of changes) this.#record(change);
  }

  #record(change: Omit<Change, 'version'>): void {
    this.#version += 1;
    change.object.metadata.resourceVersion = String(this.#version);
    const recorded = { ...change, version: this.#version };
    this.#history.push(recorded);
    while (this.#history.length > maxHistory) this.#floor = this.#history.shift()?.version ?? this.#floor;
    for (const watcher of this.#watchers) watcher(recorded);
  }

  /** With the version it had, so that it can be compared; one that differs is given a new one. */
  #complete(draft: Draft, key: string, old: KubeObject | undefined): KubeObject {
    const now = new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const creationTimestamp = old?.metadata.creationTimestamp ?? now;
    const conditions = draft.status?.conditions?.map((condition) => ({
      ...condition,
      lastTransitionTime: transitionTime(condition, old) ?? now,
    }));
    return {
      ...draft,
      metadata: {
        ...draft.metadata,
        uid: old?.metadata.uid ?? uidOf(`${key} ${this.#version}`),
        resourceVersion: old?.metadata.resourceVersion ?? '',
        creationTimestamp,
      },
      ...(draft.status !== undefined && { status: { ...draft.status, ...(conditions && { conditions }) } }),
    };
  }
}

/** When a condition came to be what it still is. */
function transitionTime({ type, status }: Condition, old: KubeObject | undefined): string | undefined {
  const conditions = old?.status?.conditions as (Condition & { lastTransitionTime: string })[] | undefined;
  return conditions?.find((one) => one.type === type && one.status === status)?.lastTransitionTime;
}

/** Not random: the same start gives the same ones. */
function uidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
