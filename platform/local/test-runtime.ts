import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventFunction, Log, Metrics, Ports } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { loadManifests } from './manifests.ts';
import { ManualClock } from './manual-clock.ts';
import { createRuntime, type RuntimeLimits } from './runtime.ts';

/** What the tests of this folder share: manifests in a folder of their own, a runtime on a clock moved by hand. */

export const startMs = Date.UTC(2026, 0, 1, 12);

export function anEvent(attributes: Partial<CloudEvent> = {}): CloudEvent {
  return { specversion: '1.0', id: '1', source: '/test', type: 'test.asked', ...attributes };
}

/** Writes files into a folder that goes when the test ends; answers its path. */
export async function writeTree(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fleet-manifests-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

export function serviceYaml(name: string, { annotations = '{}', concurrency = 0, timeoutSeconds = 300 } = {}): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: ${name}, namespace: fleet}
spec:
  template:
    metadata: {annotations: ${annotations}}
    spec:
      containerConcurrency: ${concurrency}
      timeoutSeconds: ${timeoutSeconds}
      containers: [{image: x, env: [{name: FUNCTION, value: ${name}}]}]
`;
}

export function brokerYaml(delivery = '{retry: 0}'): string {
  return `apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: {name: default, namespace: fleet}
spec: {delivery: ${delivery}}
`;
}

export function triggerYaml(name: string, subscriber: string, rest = ''): string {
  const to = subscriber.startsWith('http')
    ? `uri: "${subscriber}"`
    : `ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: ${subscriber}}`;
  return `apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: ${name}, namespace: fleet}
spec: {broker: default, subscriber: {${to}}${rest && `, ${rest}`}}
`;
}

/** A Kubernetes Service of a server elsewhere. */
export function externalYaml(name: string, spec: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: fleet}\nspec: ${spec}\n`;
}

/** Where a Service without a selector leads. */
export function sliceYaml(service: string, address: string, port: number): string {
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${service}-1, namespace: fleet, labels: {kubernetes.io/service-name: ${service}}}
addressType: IPv4
endpoints: [{addresses: [${address}]}]
ports: [{port: ${port}}]
`;
}

export const toQuarantine =
  'deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: quarantine}}';

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface CountingMetrics extends Metrics {
  counts: Map<string, number>;
}

/** Counts under `name{label="value",…}`. */
export function countingMetrics(): CountingMetrics {
  const counts = new Map<string, number>();
  const key = (name: string, labels: Record<string, string> = {}) =>
    `${name}{${Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join()}}`;
  return {
    counts,
    count: (name, by = 1, labels) => counts.set(key(name, labels), (counts.get(key(name, labels)) ?? 0) + by),
    gauge: (name, value, labels) => counts.set(key(name, labels), value),
    observe() {},
  };
}

type Handle = (event: CloudEvent, context: { traceparent?: string }) => unknown;

/**
 * A runtime of the YAML given, with functions of handlers; `seen` holds what each was called with, and when.
 */
export async function aRuntime(
  yaml: string[],
  handlers: Record<string, Handle | EventFunction<unknown>>,
  limits: Partial<RuntimeLimits> = {},
) {
  const root = await writeTree({ 'eventing/all.yaml': yaml.join('---\n') });
  const manifests = await loadManifests(root, Object.keys(handlers));
  const clock = new ManualClock(startMs);
  const metrics = countingMetrics();
  const seen: Record<string, { atMs: number; event: CloudEvent }[]> = {};
  const runtime = createRuntime({
    manifests,
    clock,
    metrics,
    log: quiet,
    limits,
    portsFor: () => ({ clock, log: quiet, metrics }) as unknown as Ports,
    async loadFunction(name) {
      const handler = handlers[name];
      if (typeof handler !== 'function') return handler as EventFunction<unknown>;
      return {
        async handle(context, event) {
          seen[name] = seen[name] ?? [];
          seen[name].push({ atMs: clock.now() - startMs, event });
          return (await handler(event, context)) as CloudEvent | undefined;
        },
      };
    },
  });
  /** Moves time on until nothing is left to deliver. */
  const settle = async (ms = 0) => {
    await clock.advance(ms, runtime.settled);
    await runtime.idle();
  };
  /** Puts other YAML in force. */
  const change = async (...documents: string[]) =>
    runtime.apply(
      await loadManifests(await writeTree({ 'eventing/all.yaml': documents.join('---\n') }), Object.keys(handlers)),
    );
  return { runtime, clock, metrics, seen, settle, change };
}

/** An error as a function throws it to say how it is to be treated. */
export function failure(status: number, message = 'no'): Error {
  return Object.assign(new Error(message), { status });
}
