import type { Resource } from './resources.ts';

/**
 * What the conformance suite is run against. The laptop is the default; `TARGET=cluster` takes the cluster that kubectl
 * talks to (cluster-target.ts tells its settings).
 */
export interface Target {
  readonly name: 'local' | 'cluster';
  /** The host by which the target reaches servers of this process. */
  readonly subscriberHost: string;
  /**
   * Adds resources in a namespace of the suite's own, for the length of the test, and waits until they are Ready unless
   * told otherwise. Rejects with what the target says of a resource that it refuses.
   */
  apply(resources: readonly Resource[], awaitReady?: boolean): Promise<void>;
  /** The URL of the ingress; a broker of the suite is at `/{namespace}/{name}` below it. */
  ingressUrl(): string;
  /** Resolves when no more deliveries are to be expected of what has been sent. */
  quiet(): Promise<void>;
  /** The status of the condition Ready: `True`, `False` or `Unknown`. */
  ready(kind: Resource['kind'], name: string): Promise<string>;
}

/** Of brokers, triggers and ping sources of the suite. */
export const namespace = 'fleet-conformance';

/** Of one test: made anew, so that nothing is left of another. */
export async function openTarget(): Promise<Target> {
  const wanted = process.env.TARGET ?? 'local';
  if (wanted === 'local') return (await import('./local-target.ts')).openLocalTarget();
  if (wanted === 'cluster') return (await import('./cluster-target.ts')).openClusterTarget();
  throw new Error(`TARGET is ${wanted}, and must be local or cluster`);
}
