import type { Clock } from '../../../functions/lib/ports.ts';
import { keyOf, type WrittenResource } from '../manifests.ts';
import type { Runtime } from '../runtime.ts';
import { clusterObjects } from './cluster-objects.ts';
import { eventingObjects } from './eventing-objects.ts';
import { ObjectStore } from './object-store.ts';
import { type AlwaysOn, servingObjects } from './serving-objects.ts';

export interface InventoryOptions {
  runtime: Pick<Runtime, 'topology' | 'status'>;
  clock: Clock;
  /** Where the brokers' ingress is, as `http://127.0.0.1:8081`. */
  ingressUrl: string;
  /** Where the public functions are. */
  publicUrl: string;
  alwaysOn: AlwaysOn;
}

/** The objects of the API, made anew of the manifests in force and of what the runtime does. */
export class Inventory {
  readonly store: ObjectStore;
  /** How often the spec of a resource has changed, and what it was last. */
  readonly #generations = new Map<string, { spec: string; count: number }>();
  readonly #options: InventoryOptions;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.store = new ObjectStore(options.clock);
    this.refresh();
  }

  /** Looks again: what has changed gets a new version, and those who watch are told. */
  refresh(): void {
    const { runtime, ingressUrl, publicUrl, alwaysOn } = this.#options;
    const topology = runtime.topology();
    this.#count(topology.manifests.written);
    const generationOf = (resource: WrittenResource) => this.#generations.get(keyOfWritten(resource))?.count ?? 1;
    const scene = { topology, status: runtime.status(), ingressUrl, publicUrl, generationOf };
    this.store.replace([...eventingObjects(scene), ...servingObjects(scene, alwaysOn), ...clusterObjects(scene)]);
  }

  #count(written: readonly WrittenResource[]): void {
    const there = new Set<string>();
    for (const resource of written) {
      const key = keyOfWritten(resource);
      there.add(key);
      const { metadata: _, ...rest } = resource;
      const spec = JSON.stringify(rest);
      const before = this.#generations.get(key);
      if (before?.spec !== spec) this.#generations.set(key, { spec, count: (before?.count ?? 0) + 1 });
    }
    for (const key of this.#generations.keys()) if (!there.has(key)) this.#generations.delete(key);
  }
}

function keyOfWritten(resource: WrittenResource): string {
  return `${resource.apiVersion} ${resource.kind} ${keyOf(resource)}`;
}
