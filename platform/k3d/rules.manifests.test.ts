import { describe, expect, it } from 'vitest';
import { accessOf } from '../../functions/lib/store/influx/access.ts';
import { functionsOf, of, podsOf, versions, whole } from './testing/folders.ts';
import {
  type NetworkPolicySpec,
  nameOf,
  type PingSourceSpec,
  type Role,
  type TriggerSpec,
} from './testing/manifest.ts';
import { render } from './testing/render.ts';

/** Made by `npm run cluster:secrets`; the rest by the Job. */
const madeByHand = ['fleet/fleet-api-secrets', 'fleet/influxdb-admin', 'observability/grafana-admin'];

describe.each(whole)('%s', (folder) => {
  it('runs nothing that Pod Security would not let in, and nothing that writes to its root', () => {
    expect(podsOf(folder).length).toBeGreaterThan(7);
    for (const { owner, spec } of podsOf(folder)) {
      for (const { securityContext, image, resources } of spec.containers) {
        const effective = { ...spec.securityContext, ...securityContext };
        expect(effective, nameOf(owner)).toMatchObject({
          runAsNonRoot: true,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(Reflect.get(effective, 'runAsUser'), nameOf(owner)).toBeGreaterThan(0);
        expect(image, nameOf(owner)).toMatch(/^[^:]+\.[^:]+\/[^:]+:(?!latest$)[\w.-]+$/);
        const [cpu, memory] = [expect.anything(), expect.anything()];
        expect(resources, nameOf(owner)).toMatchObject({ requests: { cpu, memory }, limits: { memory } });
      }
      // The one that makes Secrets may talk to the API server.
      expect(spec.automountServiceAccountToken, nameOf(owner)).toBe(owner.metadata.name === 'provision');
    }
    expect(of(folder, 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['fleet', 'observability']);
    for (const { metadata } of of(folder, 'Namespace')) {
      expect(metadata).toMatchObject({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    }
  });

  it('takes images of the versions that stand in versions.yaml', () => {
    const images = [...new Set(podsOf(folder).flatMap(({ spec }) => spec.containers.map(({ image }) => image)))];
    const own = images.filter((image) => image.startsWith('dev.local/'));
    expect(own).toHaveLength(1);
    expect(images.filter((image) => !own.includes(image)).sort()).toEqual(Object.values(versions.images).sort());
  });

  it('denies every connection that is not named, in every namespace', () => {
    for (const { metadata } of of(folder, 'Namespace')) {
      const policies = of<NetworkPolicySpec>(folder, 'NetworkPolicy').filter(
        (policy) => policy.metadata.namespace === metadata.name,
      );
      expect(policies.map(({ spec }) => spec)).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      // An empty peer would be everybody.
      const peers = policies.flatMap(({ spec }) => [
        ...(spec.ingress ?? []).flatMap(({ from }) => from ?? [{}]),
        ...(spec.egress ?? []).flatMap(({ to }) => to ?? []),
      ]);
      expect(peers.filter((peer) => Object.keys(peer).length === 0)).toEqual([]);
    }
  });

  it('shows ingest and query outside, by their names, and nothing else of the functions', () => {
    const outside = functionsOf(folder).filter(
      ({ metadata: { labels } }) => labels?.['networking.knative.dev/visibility'] !== 'cluster-local',
    );
    expect(outside.map(({ metadata }) => metadata.annotations?.['fleet-telemetry/host']).sort()).toEqual([
      'api',
      'query',
    ]);
    const ingresses = of<{ rules: { host: string }[] }>(folder, 'Ingress');
    expect(ingresses.flatMap(({ spec }) => spec.rules.map(({ host }) => host))).toEqual(['grafana.localtest.me']);
  });

  it('lets Prometheus scrape every function, where it listens', () => {
    for (const { metadata, spec } of functionsOf(folder)) {
      expect(spec.template.metadata.annotations, metadata.name).toMatchObject({
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(spec.template.spec.containers[0]?.ports?.[0]?.containerPort),
        'prometheus.io/path': '/metrics',
      });
    }
    const policies = of<NetworkPolicySpec>(folder, 'NetworkPolicy');
    const [functions] = policies.filter(({ metadata }) => metadata.name === 'functions');
    const [prometheus] = policies.filter(({ metadata }) => metadata.name === 'prometheus');
    expect(functions?.spec.ingress).toContainEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': prometheus?.metadata.namespace } },
          podSelector: prometheus?.spec.podSelector,
        },
      ],
      ports: [8080, 9091].map((port) => ({ protocol: 'TCP', port })),
    });
  });

  it('mounts what is there, and all that it declares', () => {
    const there = (kind: string, namespace: string | undefined, name: string) =>
      of(folder, kind).some(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    for (const { owner, spec } of podsOf(folder)) {
      const { namespace } = owner.metadata;
      const volumes = spec.volumes ?? [];
      const mounted = spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
      expect(new Set(mounted), nameOf(owner)).toEqual(new Set(volumes.map(({ name }) => name)));
      for (const { configMap, persistentVolumeClaim: claim } of volumes) {
        if (configMap) expect(there('ConfigMap', namespace, configMap.name), nameOf(owner)).toBe(true);
        if (claim) expect(there('PersistentVolumeClaim', namespace, claim.claimName), nameOf(owner)).toBe(true);
      }
    }
  });

  it('routes to what is there', () => {
    const services = functionsOf(folder).map(({ metadata }) => metadata.name);
    const brokers = of(folder, 'Broker').map(({ metadata }) => metadata.name);
    for (const trigger of of<TriggerSpec>(folder, 'Trigger')) {
      const { broker, subscriber, delivery } = trigger.spec;
      expect(services, nameOf(trigger)).toContain(subscriber.ref.name);
      expect(brokers, nameOf(trigger)).toContain(broker);
      if (delivery) expect(services, nameOf(trigger)).toContain(delivery.deadLetterSink?.ref.name);
    }
    for (const { spec } of of<PingSourceSpec>(folder, 'PingSource')) expect(brokers).toContain(spec.sink.ref.name);
  });

  it('takes Secrets that are made, by the Job or by cluster:secrets', () => {
    const roles = render(folder).filter(({ kind }) => kind === 'Role') as Role[];
    const byJob = roles.flatMap(({ metadata, rules }) =>
      rules.flatMap(({ resourceNames = [] }) => resourceNames.map((name) => `${metadata.namespace}/${name}`)),
    );
    const users = Object.keys(accessOf).map(
      (user) => `${user === 'grafana' ? 'observability' : 'fleet'}/fleet-influx-${user}`,
    );
    expect(byJob.sort()).toEqual(users.sort());
    const taken = podsOf(folder).flatMap(({ owner, spec }) => {
      const files = (spec.volumes ?? []).map(({ secret }) => secret?.secretName);
      const variables = spec.containers.flatMap(({ env = [] }) =>
        env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      );
      return [...files, ...variables].filter((name) => name).map((name) => `${owner.metadata.namespace}/${name}`);
    });
    expect(taken).toEqual(expect.arrayContaining(madeByHand));
    expect(taken.filter((name) => !madeByHand.includes(name) && !byJob.includes(name))).toEqual([]);
  });
});
