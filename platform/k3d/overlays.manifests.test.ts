import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { functionsOf, of, versions } from './testing/folders.ts';
import type { ApplicationSpec, TriggerSpec } from './testing/manifest.ts';
import { render } from './testing/render.ts';

const scaleOf = (folder: string, name: string) =>
  functionsOf(folder).find(({ metadata }) => metadata.name === name)?.spec.template.metadata.annotations;

it('base lets every function sleep', () => {
  for (const { metadata } of functionsOf('base')) {
    expect(scaleOf('base', metadata.name)).toMatchObject({ 'autoscaling.knative.dev/min-scale': '0' });
  }
});

it('production keeps two of ingest, one of them through every drain', () => {
  expect(scaleOf('overlays/production', 'ingest')).toMatchObject({ 'autoscaling.knative.dev/min-scale': '2' });
  const [budget] = of('overlays/production', 'PodDisruptionBudget');
  expect(budget?.spec).toMatchObject({ selector: { matchLabels: { 'serving.knative.dev/service': 'ingest' } } });
});

it('sharded gives each of the 16 numbers to one instance, and the sweep to one', () => {
  const triggers = of<TriggerSpec>('overlays/sharded', 'Trigger').filter(({ spec }) =>
    spec.subscriber.ref.name.startsWith('trip-segment'),
  );
  const numbers = triggers.flatMap(({ metadata, spec }) => {
    if (!spec.filters) return [];
    expect(spec.subscriber.ref.name).toBe(metadata.name);
    expect(scaleOf('overlays/sharded', metadata.name)).toMatchObject({ 'autoscaling.knative.dev/max-scale': '1' });
    const [types, shards] = spec.filters;
    expect(types.any.map(({ exact }) => exact.type)).toEqual(['fleet.telemetry.enriched', 'fleet.vehicle.erased']);
    return shards.any.map(({ exact }) => Number(exact.fleetshard));
  });
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  const others = triggers.filter(({ spec }) => !spec.filters);
  expect(others.map(({ spec }) => spec.subscriber.ref.name)).toEqual(['trip-segment-0']);
  expect(functionsOf('overlays/sharded').map(({ metadata }) => metadata.name)).not.toContain('trip-segment');
});

it('kafka has the broker, the order of every trigger and the address of every function', () => {
  const [broker] = of<{ config: { name: string } }>('overlays/kafka', 'Broker');
  expect(broker?.metadata).toMatchObject({ annotations: { 'eventing.knative.dev/broker.class': 'Kafka' } });
  expect(of('overlays/kafka', 'ConfigMap').map(({ metadata }) => metadata.name)).toContain(broker?.spec.config.name);
  for (const { metadata } of of('overlays/kafka', 'Trigger')) {
    expect(metadata).toMatchObject({ annotations: { 'kafka.eventing.knative.dev/delivery.order': 'ordered' } });
  }
  for (const { spec } of functionsOf('overlays/kafka')) {
    expect(spec.template.spec.containers[0]?.env).toContainEqual({
      name: 'BROKER_URL',
      value: 'http://kafka-broker-ingress.knative-eventing.svc.cluster.local/fleet/default',
    });
  }
});

it('tls certifies every name that people use', () => {
  const certificates = of<{ dnsNames: string[]; secretName: string }>('overlays/tls', 'Certificate');
  const certificate = certificates.find(({ metadata }) => metadata.name === 'fleet');
  expect(certificate?.spec.dnsNames).toEqual(['api', 'query', 'grafana'].map((name) => `${name}.localtest.me`));
  const [store] = of('overlays/tls', 'TLSStore');
  expect(store?.spec).toEqual({ defaultCertificate: { secretName: certificate?.spec.secretName } });
});

it('argocd leads to folders that render, from a repository and to namespaces that its project allows', () => {
  const [project] = of<{ sourceRepos: string[]; destinations: object[] }>('overlays/argocd', 'AppProject');
  const applications = ['overlays/argocd', 'overlays/argocd/apps'].flatMap((folder) =>
    of<ApplicationSpec>(folder, 'Application'),
  );
  expect(applications).toHaveLength(4);
  for (const { spec } of applications) {
    expect(render(spec.source.path.replace('platform/k3d/', '')).length).toBeGreaterThan(1);
    expect(project?.spec.sourceRepos).toContain(spec.source.repoURL);
    expect(project?.spec.destinations).toContainEqual(spec.destination);
  }
});

it('traefik has the version that was tried, and addresses inside the cluster', () => {
  const [config] = of<{ valuesContent: string }>('traefik', 'HelmChartConfig');
  const values = parse(config?.spec.valuesContent ?? '') as { image: object; additionalArguments: string[] };
  expect(values.image).toEqual({ tag: `v${versions.traefik}` });
  expect(values.additionalArguments).toContain('--providers.knative.privateentrypoints=private');
});
