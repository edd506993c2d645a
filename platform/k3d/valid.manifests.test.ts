import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applied, functionsOf, of, versions } from './testing/folders.ts';
import { type Manifest, nameOf } from './testing/manifest.ts';
import { render } from './testing/render.ts';
import { faultsOf } from './testing/validate.ts';

describe.each(applied)('%s', (folder) => {
  it('is valid by the schemas of Kubernetes, Knative, Traefik, cert-manager and Argo CD', () => {
    const manifests = render(folder);
    expect(manifests.length).toBeGreaterThan(1);
    expect(manifests.flatMap((one) => faultsOf(one).map((fault) => `${nameOf(one)}: ${fault}`))).toEqual([]);
  });

  it('names everything once', () => {
    const names = render(folder).map(nameOf);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('holds no Secret', () => {
    expect(of(folder, 'Secret')).toEqual([]);
  });
});

describe('the validation', () => {
  const spoiled = (manifest: Manifest | undefined, path: readonly string[], value: unknown): string => {
    const copy = structuredClone(manifest) as Manifest;
    expect(faultsOf(copy)).toEqual([]);
    let at: object = copy;
    for (const name of path.slice(0, -1)) at = Reflect.get(at, name);
    Reflect.set(at, path.at(-1) as string, value);
    return faultsOf(copy).join();
  };

  it.each<[string, string[], unknown, RegExp]>([
    ['a misspelt field', ['spec', 'template', 'spec', 'containerConcurency'], 1, /containerConcurency/],
    ['a field of the wrong type', ['spec', 'template', 'spec', 'timeoutSeconds'], 'soon', /timeoutSeconds/],
    ['a misspelt part of the metadata', ['metadata', 'label'], {}, /"label"/],
    ['an unknown kind', ['kind'], 'Servise', /no schema/],
  ])('finds %s of a function', (_, path, value, fault) => {
    expect(spoiled(functionsOf('base')[0], path, value)).toMatch(fault);
  });

  it.each([
    ['base', 'StatefulSet', 'replica'],
    ['base', 'NetworkPolicy', 'policyType'],
    ['base', 'Trigger', 'subscribers'],
    ['base', 'PingSource', 'scheduel'],
    ['traefik', 'Middleware', 'bufering'],
    ['overlays/tls', 'Certificate', 'dnsName'],
    ['overlays/argocd', 'Application', 'projekt'],
  ])('finds in %s a %s with a field %s', (folder, kind, field) => {
    expect(spoiled(of(folder, kind)[0], ['spec', field], 1)).toContain(`"${field}"`);
  });

  it('goes by schemas of the versions in versions.yaml', () => {
    const { sources } = JSON.parse(readFileSync(new URL('schemas/schemas.json', import.meta.url), 'utf8'));
    expect(sources).toEqual({
      kubernetes: `k8s.io/kubernetes@v${versions.kubernetes}`,
      serving: `knative.dev/serving@v${versions.knativeServing}`,
      eventing: `knative.dev/eventing@v${versions.knativeEventing}`,
      traefik: `github.com/traefik/traefik/v3@v${versions.traefik}`,
      certManager: `github.com/cert-manager/cert-manager@v${versions.certManager}`,
      argoCd: `github.com/argoproj/argo-cd/v3@v${versions.argoCd}`,
      helmController: `github.com/k3s-io/helm-controller@v${versions.helmController}`,
    });
  });
});
