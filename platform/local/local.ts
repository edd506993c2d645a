import express from 'express';
import type { Clock, Log } from '../../functions/lib/ports.ts';
import { type CloudEvent, eventTypes, type Job } from '../../functions/lib/telemetry/events.ts';
import { publicApp } from '../host/app.ts';
import { type Config, functionNames } from '../host/config.ts';
import { takeDataFolder } from '../host/data-folder.ts';
import { httpFunctions, loadEventFunction, loadHttpFunction } from '../host/functions.ts';
import { serveFunction } from '../host/http.ts';
import { listen } from '../host/server.ts';
import { openWorld, type World } from '../host/world.ts';
import { createIngress } from './ingress.ts';
import { KubeApi } from './kube/api.ts';
import { loadManifests } from './manifests.ts';
import { onlyLocal } from './only-local.ts';
import { createRuntime, type Runtime } from './runtime.ts';

export interface LocalOptions {
  /** The checkout, with eventing/ and functions/. */
  root: string;
  config: Config;
  clock: Clock;
  log: Log;
  onFatal(error: Error): void;
}

export interface Local {
  world: World;
  runtime: Runtime;
  /** The ports that are listened on. */
  port: number;
  internalPort: number;
  stop(): Promise<void>;
}

/** The laptop: the same functions and the same YAML as on a cluster. Throws ConfigError or ManifestError before it listens. */
export async function startLocal({ root, config, clock, log, onFatal }: LocalOptions): Promise<Local> {
  const [manifests, ingestModule, queryModule] = await Promise.all([
    loadManifests(root, functionNames),
    loadHttpFunction('ingest'),
    loadHttpFunction('query'),
  ]);
  const folder = takeDataFolder(config.dataDir);
  let runtime: Runtime | undefined;
  const world = await openWorld(config, clock, log, async (event) => runtime?.publish(event), onFatal);
  const { ports, store, metrics, publisher } = world;
  runtime = createRuntime({ manifests, loadFunction: loadEventFunction, portsFor: () => ports, clock, log, metrics });
  runtime.setBrokerOff(config.brokerOff);

  const ingest = await serveFunction(ingestModule, ports, config.ingestLimits.bodyBytes);
  const query = await serveFunction(queryModule, ports, config.ingestLimits.bodyBytes);
  const health = { draining: false, ready: () => store.ready() };
  const internalApp = express().disable('x-powered-by').use(onlyLocal);
  const internal = await listen(internalApp, config.internalPort, '127.0.0.1', 'INTERNAL_PORT');
  const open = await listen(
    publicApp({ ingest, query, metrics, health, trustsLoopback: true }),
    config.port,
    undefined,
    'PORT',
  );
  const kube = new KubeApi({
    runtime,
    clock,
    ingressUrl: `http://127.0.0.1:${internal.port}`,
    publicUrl: `http://localhost:${open.port}`,
    alwaysOn: (name) => (httpFunctions as readonly string[]).includes(name),
  });
  internalApp.use(kube.handle).use(createIngress(runtime.publish, metrics));
  await runtime.start();
  // This process alone has the data folder, so whatever was under way in an earlier one has ended with it.
  await runtime.publish(sweepAtStart(clock.now())).catch(() => log.warn({}, 'what got stuck waits for the next sweep'));
  return {
    world,
    runtime,
    port: open.port,
    internalPort: internal.port,
    async stop() {
      health.draining = true;
      kube.close();
      await Promise.all([open.close(), internal.close()]);
      await publisher.flush();
      await runtime.stop();
      await store.close();
      folder.release();
    },
  };
}

/** As a ping of the sweep's PingSource, which would come within five minutes. */
function sweepAtStart(nowMs: number): CloudEvent {
  const job: Job = 'sweep';
  return {
    specversion: '1.0',
    id: `start-${nowMs}`,
    source: '/platform/local',
    type: eventTypes.ping,
    time: new Date(nowMs).toISOString(),
    datacontenttype: 'application/json',
    data: { job, stuckBeforeMs: nowMs },
    fleetjob: job,
  };
}
