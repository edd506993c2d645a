import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ManifestError } from './errors.ts';
import { keyOf, loadManifests } from './manifests.ts';
import { brokerYaml, externalYaml, serviceYaml, sliceYaml, triggerYaml, writeTree } from './test-runtime.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const functions = ['ingest', 'enrich', 'trip-segment', 'downsample', 'quarantine', 'query'];

describe('the manifests of this checkout', () => {
  it('load, and route every type of event somewhere', async () => {
    const manifests = await loadManifests(root, functions);
    expect(manifests.brokers.map(keyOf)).toEqual(['fleet/default']);
    expect(manifests.services.map(({ metadata }) => metadata.name).sort()).toEqual([...functions].sort());
    const routes = manifests.triggers.map(({ metadata, spec }) => [metadata.name, spec.filter?.attributes]);
    expect(Object.fromEntries(routes)).toEqual({
      enrich: { type: 'fleet.telemetry.accepted' },
      'trip-segment': { type: 'fleet.telemetry.enriched' },
      'trip-segment-erased': { type: 'fleet.vehicle.erased' },
      'trip-segment-sweep': { type: 'dev.knative.sources.ping', fleetjob: 'sweep' },
      'downsample-1m': { type: 'dev.knative.sources.ping', fleetjob: 'downsample-1m' },
      'downsample-5m': { type: 'dev.knative.sources.ping', fleetjob: 'downsample-5m' },
      'downsample-expire': { type: 'dev.knative.sources.ping', fleetjob: 'expire' },
    });
  });

  it('say how long each function is awake after its last event', async () => {
    const { services } = await loadManifests(root, functions);
    const awakeS = services.map(({ metadata, spec }) => [
      metadata.name,
      spec.template.metadata.annotations.sleepAfterMs / 1_000,
    ]);
    expect(Object.fromEntries(awakeS)).toEqual({
      ...{ ingest: 90, enrich: 90, 'trip-segment': 90 },
      ...{ downsample: 15, quarantine: 60, query: 60 },
    });
  });

  it('lead every dead letter to quarantine, and say so in each delivery', async () => {
    const { brokers, triggers } = await loadManifests(root, functions);
    for (const { metadata, spec } of [...brokers, ...triggers.filter((trigger) => trigger.spec.delivery)]) {
      expect(spec.delivery?.deadLetterSink, metadata.name).toMatchObject({
        ref: { kind: 'Service', name: 'quarantine' },
      });
    }
  });

  it('give a job of a ping the data that the same job has in its extension', async () => {
    const { pingSources } = await loadManifests(root, functions);
    expect(pingSources).toHaveLength(4);
    for (const { metadata, spec } of pingSources) {
      expect(JSON.parse(spec.data ?? ''), metadata.name).toEqual({ job: spec.ceOverrides?.extensions.fleetjob });
    }
  });

  it('are all named by their kustomizations', async () => {
    const listed = async (folder: string) =>
      parse(await readFile(`${root}/${folder}/kustomization.yaml`, 'utf8')).resources;
    const eventing = (await readdir(`${root}/eventing`)).filter((file) => file !== 'kustomization.yaml');
    expect((await listed('eventing')).sort()).toEqual(eventing.sort());
    expect((await listed('functions')).sort()).toEqual(functions.map((name) => `${name}/service.yaml`).sort());
  });
});

describe('refused, with file, line and key', () => {
  const rest = [brokerYaml(), serviceYaml('enrich')].join('---\n');

  async function refusal(yaml: string): Promise<ManifestError> {
    const tree = await writeTree({ 'eventing/a.yaml': yaml, 'eventing/z.yaml': rest });
    return loadManifests(tree, ['enrich']).then(
      () => expect.unreachable('was taken'),
      (error) => error,
    );
  }

  const filters = (list: string) => triggerYaml('t', 'enrich', `filters: ${list}`);
  const attribute = (name: string) => triggerYaml('t', 'enrich', `filter: {attributes: {${JSON.stringify(name)}: x}}`);
  const delivery = (spec: string) => triggerYaml('t', 'enrich', `delivery: ${spec}`);
  const ping = (spec: string) =>
    `apiVersion: sources.knative.dev/v1\nkind: PingSource\nmetadata: {name: p, namespace: fleet}\nspec: {${spec}, sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}}`;

  it.each<[string, string, string, RegExp]>([
    ['YAML that is none', 'a: [', '', /eventing[/\\]a\.yaml:\d+: /],
    ['a key twice', 'kind: Broker\nkind: Broker', '', /unique/],
    ['a document that is no map', '- a', 'kind', /not understood/],
    ['an unknown kind', 'apiVersion: v1\nkind: Pod', 'kind', /v1 Pod is not understood/],
    [
      'a version of a kind that is not served',
      'apiVersion: eventing.knative.dev/v1beta1\nkind: Trigger',
      'kind',
      /v1beta1 Trigger/,
    ],
    ['an unknown key', delivery('{retries: 3}'), 'spec.delivery.retries', /unknown key/],
    ['a delay that is no duration', delivery('{backoffDelay: 0.2s}'), 'spec.delivery.backoffDelay', /ISO 8601/],
    ['a policy that is none', delivery('{backoffPolicy: random}'), 'spec.delivery.backoffPolicy', /linear/],
    ['negative retries', delivery('{retry: -1}'), 'spec.delivery.retry', />=0/],
    [
      'a filter with two dialects',
      filters('[{exact: {type: a}, prefix: {type: b}}]'),
      'spec.filters.0',
      /exactly one dialect/,
    ],
    ['a filter without a dialect', filters('[{not: {}}]'), 'spec.filters.0.not', /exactly one dialect/],
    ['an empty any', filters('[{any: []}]'), 'spec.filters.0.any', />=1/],
    [
      'cesql that is no expression',
      filters(`[{exact: {type: a}}, {any: [{cesql: "type = 'a' AND"}]}]`),
      'spec.filters.1.any.0.cesql',
      /is no CESQL expression: the end where an expression should be at character 15/,
    ],
    ['an empty value in a dialect', filters(`[{exact: {type: ''}}]`), 'spec.filters.0.exact.type', />=1/],
    ['a dialect without an attribute', filters('[{prefix: {}}]'), 'spec.filters.0.prefix', /name an attribute/],
    ['a dialect that is none', filters('[{regex: {type: a}}]'), 'spec.filters.0.regex', /unknown key/],
    [
      'a subscriber with an absolute uri beside its ref',
      triggerYaml('t', 'enrich').replace('{ref:', '{uri: "http://x/", ref:'),
      'spec.subscriber.uri',
      /relative beside a ref/,
    ],
    [
      'a subscriber that is none',
      triggerYaml('t', 'enrich').replace(/ref: {[^}]*}/, ''),
      'spec.subscriber',
      /ref, uri or both/,
    ],
    [
      'a ref to what takes no events',
      triggerYaml('t', 'enrich').replace('kind: Service', 'kind: Route'),
      'spec.subscriber.ref',
      /one of serving/,
    ],
    [
      'a name for another port than the one that is called',
      externalYaml('x', '{type: ExternalName, externalName: x.example, ports: [{port: 9000}]}'),
      'spec.ports',
      /port 80/,
    ],
    [
      'a service of pods',
      externalYaml('x', '{selector: {a: b}, ports: [{port: 80}]}'),
      'spec.selector',
      /selects pods/,
    ],
    [
      'a name with a scheme',
      externalYaml('x', '{type: ExternalName, externalName: "http://x"}'),
      'spec.externalName',
      /host name/,
    ],
    [
      'an address that is none',
      externalYaml('x', '{type: ExternalName, externalName: 1.2.3.999}'),
      'spec.externalName',
      /host name/,
    ],
    ['a service without port 80', externalYaml('x', '{ports: [{port: 81}]}'), 'spec.ports', /must have port 80/],
    [
      'addresses of no service',
      sliceYaml('x', '127.0.0.1', 1).replace('kubernetes.io/service-name: x', 'a: b'),
      'metadata.labels.kubernetes.io/service-name',
      /must name a Service/,
    ],
    [
      'a service of both kinds',
      [externalYaml('x', '{type: ExternalName, externalName: x}'), serviceYaml('x')].join('---\n'),
      'metadata.name',
      /too/,
    ],
    [
      'a uri that is not http',
      triggerYaml('t', 'http://x/').replace('http:', 'ftp:'),
      'spec.subscriber.uri',
      /http or https/,
    ],
    [
      'a second trigger of a name',
      [triggerYaml('t', 'enrich'), triggerYaml('t', 'enrich')].join('---\n'),
      'metadata.name',
      /second Trigger fleet\/t/,
    ],
    ['a schedule that is none', ping('schedule: "61 * * * *"'), 'spec.schedule', /cron/],
    ['@every', ping('schedule: "@every 5m"'), 'spec.schedule', /cron/],
    ['seven fields', ping('schedule: "* * * * * * *"'), 'spec.schedule', /cron/],
    ['cron beyond what Knative reads', ping('schedule: "0 0 L * *"'), 'spec.schedule', /L, W, #/],
    ['a time zone that is none', ping('schedule: "* * * * *", timezone: Mars/Base'), 'spec.timezone', /time zone/],
    ['an offset for a time zone', ping('timezone: "+01:00"'), 'spec.timezone', /time zone/],
    [
      'an extension that would replace an attribute',
      ping('ceOverrides: {extensions: {type: x}}'),
      'spec.ceOverrides.extensions.type',
      /no extension/,
    ],
    [
      'an extension that would replace the data',
      ping('ceOverrides: {extensions: {data: x}}'),
      'spec.ceOverrides.extensions.data',
      /no extension/,
    ],
    [
      'data that is not the JSON it says',
      ping(`schedule: "* * * * *", contentType: application/json, data: '{'`),
      'spec.data',
      /JSON/,
    ],
    ['data twice', ping('schedule: "* * * * *", data: a, dataBase64: YQ=='), 'spec', /exclude each other/],
    [
      'a service of a function that does not exist',
      serviceYaml('other'),
      'spec.template.spec.containers.0.env',
      /FUNCTION other/,
    ],
    [
      'a service without FUNCTION',
      serviceYaml('s').replace('FUNCTION', 'X'),
      'spec.template.spec.containers.0.env',
      /must set FUNCTION/,
    ],
    [
      'a scale that is a number',
      serviceYaml('s', { annotations: '{autoscaling.knative.dev/min-scale: 1}' }),
      'spec.template.metadata.annotations.autoscaling.knative.dev/min-scale',
      /string/,
    ],
    [
      'a scale misspelt',
      serviceYaml('s', { annotations: '{autoscaling.knative.dev/min-scales: "1"}' }),
      'spec.template.metadata.annotations.autoscaling.knative.dev/min-scales',
      /unknown/,
    ],
    [
      'a window too short',
      serviceYaml('s', { annotations: '{autoscaling.knative.dev/window: 1s}' }),
      'spec.template.metadata.annotations.autoscaling.knative.dev/window',
      /6s to 1h/,
    ],
    [
      'a last instance kept too long',
      serviceYaml('s', { annotations: '{autoscaling.knative.dev/scale-to-zero-pod-retention-period: 2h}' }),
      'spec.template.metadata.annotations.autoscaling.knative.dev/scale-to-zero-pod-retention-period',
      /0s to 1h/,
    ],
  ])('%s', async (_, yaml, key, detail) => {
    const error = await refusal(yaml);
    expect(error).toBeInstanceOf(ManifestError);
    expect(error.key).toBe(key);
    expect(error.file).toMatch(/^eventing[/\\]a\.yaml$/);
    expect(error.message).toMatch(detail);
    expect(error.line).toBeGreaterThan(0);
  });

  it.each(['Type', 'a b', 'a_b', 'a-b', '1a', 'typé', ''])('the attribute name %j in a filter', async (name) => {
    const error = await refusal(attribute(name));
    expect(error.key).toBe(`spec.filter.attributes.${name}`);
    expect(error.message).toMatch(/\[a-z\]\[a-z0-9\]\*/);
    for (const dialect of ['exact', 'prefix', 'suffix']) {
      const nested = await refusal(filters(`[{not: {${dialect}: {${JSON.stringify(name)}: x}}}]`));
      expect(nested.key).toBe(`spec.filters.0.not.${dialect}.${name}`);
    }
  });

  it('names the line of the key itself', async () => {
    const error = await refusal(
      `${triggerYaml('t', 'enrich')}---\n# a comment\n${brokerYaml('{retry: 1,\n  nonsense: 2}').replace('name: default', 'name: b')}`,
    );
    expect([error.line, error.key]).toEqual([11, 'spec.delivery.nonsense']);
  });

  it('passes over kustomizations and empty documents', async () => {
    const tree = await writeTree({
      'eventing/a.yaml': `# nothing\n---\n${rest}`,
      'eventing/kustomization.yaml': 'kind: Kustomization\nresources: [a.yaml]',
    });
    expect((await loadManifests(tree, ['enrich'])).services).toHaveLength(1);
  });
});
