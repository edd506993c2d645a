import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Manifest, PodSpec, Templated } from './manifest.ts';
import { render } from './render.ts';

/** Folders of platform/k3d that hold the fleet as a whole. */
export const whole = ['base', ...['production', 'sharded', 'kafka', 'tls'].map((name) => `overlays/${name}`)];
/** Every folder that is applied. */
export const applied = [...whole, 'knative', 'traefik', 'overlays/argocd', 'overlays/argocd/apps'];

export interface Versions {
  [name: string]: string | Record<string, string>;
  traefik: string;
  images: Record<string, string>;
}
export const versions = parse(readFileSync(new URL('../versions.yaml', import.meta.url), 'utf8')) as Versions;

/** The objects of a kind. */
export function of<Spec = unknown>(folder: string, kind: string): Manifest<Spec>[] {
  return render(folder).filter((manifest) => manifest.kind === kind) as Manifest<Spec>[];
}

/** Knative's Services, which share their kind with Kubernetes' own. */
export function functionsOf(folder: string): Manifest<Templated>[] {
  return of<Templated>(folder, 'Service').filter(({ apiVersion }) => apiVersion === 'serving.knative.dev/v1');
}

/** Pods, with what makes them. */
export function podsOf(folder: string): { owner: Manifest; spec: PodSpec }[] {
  const owners = ['Deployment', 'StatefulSet', 'Job'].flatMap((kind) => of<Templated>(folder, kind));
  return [...owners, ...functionsOf(folder)].map((owner) => ({ owner, spec: owner.spec.template.spec }));
}
