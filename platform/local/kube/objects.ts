import type { WrittenResource } from '../manifests.ts';
import type { RuntimeStatus } from '../runtime.ts';
import type { Topology } from '../topology.ts';
import type { Condition } from './conditions.ts';

/** An object of the API before it is kept: without version, age and uid. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    /** Counts the changes of the spec; counted where the object is kept unless given here. */
    generation?: number;
    ownerReferences?: { apiVersion: string; kind: string; name: string; controller: true; blockOwnerDeletion: true }[];
  };
  spec?: unknown;
  status?: { conditions?: Condition[]; [key: string]: unknown };
  [key: string]: unknown;
}

/** What objects are made of. */
export interface Scene {
  /** With the manifests it is made of. */
  topology: Topology;
  status: RuntimeStatus;
  /** Where the brokers' ingress is, as `http://127.0.0.1:8081`. */
  ingressUrl: string;
  /** Where the public functions are. */
  publicUrl: string;
  /** How often the spec of a written resource has changed, from 1. */
  generationOf(resource: WrittenResource): number;
}

/** The resources of a kind, as they are written. */
export function writtenOf({ topology }: Scene, apiVersion: string, kind: string): WrittenResource[] {
  return topology.manifests.written.filter((resource) => resource.apiVersion === apiVersion && resource.kind === kind);
}

interface Written {
  written: WrittenResource;
  status?: Draft['status'];
  labels?: Record<string, string>;
}

/** An object of what is written, as it is, with labels and a status. */
export function draftOf({ written: resource, status, labels = {} }: Written, { generationOf }: Scene): Draft {
  const generation = generationOf(resource);
  const metadata = resource.metadata as unknown as Draft['metadata'];
  const all = { ...metadata.labels, ...labels };
  return {
    ...resource,
    metadata: { ...metadata, ...(Object.keys(all).length > 0 && { labels: all }), generation },
    ...(status !== undefined && { status: { observedGeneration: generation, ...status } }),
  };
}

/** That one object was made for another, and goes with it. */
export function ownedBy({ apiVersion, kind, metadata: { name } }: WrittenResource) {
  return [{ apiVersion, kind, name, controller: true, blockOwnerDeletion: true } as const];
}
