import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '../../host/clock.ts';
import { createMetrics } from '../../host/metrics.ts';
import { listen } from '../../host/server.ts';
import { createIngress } from '../../local/ingress.ts';
import { loadManifests } from '../../local/manifests.ts';
import { createRuntime } from '../../local/runtime.ts';
import { temporaryFolder } from '../server.ts';
import type { Resource } from './resources.ts';
import type { Target } from './target.ts';

/** The laptop's runtime in this process, with manifests of the test's own and its ingress on a real socket. */
export async function openLocalTarget(): Promise<Target> {
  const root = await temporaryFolder();
  const applied: Resource[] = [];
  const load = async () => {
    await mkdir(join(root, 'eventing'), { recursive: true });
    await writeFile(join(root, 'eventing', 'all.yaml'), applied.map((one) => stringify(one)).join('---\n'));
    return loadManifests(root, []);
  };
  const metrics = createMetrics();
  const runtime = createRuntime({
    manifests: await load(),
    loadFunction: (name) => Promise.reject(new Error(`the suite has no function ${name}`)),
    portsFor: () => ({}) as never,
    clock: systemClock,
    log: { debug() {}, info() {}, warn() {}, error: console.error },
    metrics,
    limits: { drainMs: 100 },
  });
  await runtime.start();
  const ingress = await listen(express().use(createIngress(runtime.publish, metrics)), 0, '127.0.0.1', 'PORT');
  onTestFinished(async () => {
    await ingress.close();
    await runtime.stop();
    await rm(root, { recursive: true, force: true });
  });

  return {
    name: 'local',
    subscriberHost: '127.0.0.1',
    ingressUrl: () => `http://127.0.0.1:${ingress.port}`,
    async apply(resources) {
      applied.push(...resources);
      await runtime.apply(await load());
    },
    quiet: () => runtime.idle(),
    async ready(kind, name) {
      const { brokers, triggers, pings } = runtime.topology();
      const found = [...brokers, ...triggers, ...pings.map(({ document, sink }) => ({ document, ...sink }))].find(
        ({ document }) => document.kind === kind && document.metadata.name === name,
      );
      if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
      return found.fault === undefined ? 'True' : 'False';
    },
  };
}
