import { publicApp } from './app.ts';
import { sendToBroker } from './broker-client.ts';
import { systemClock } from './clock.ts';
import { loadConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { takeDataFolder } from './data-folder.ts';
import { eventApp } from './event-app.ts';
import { isHttpFunction, loadEventFunction, loadHttpFunction } from './functions.ts';
import { serveFunction } from './http.ts';
import { createLog } from './log.ts';
import { endAtOnce, runProgram } from './process.ts';
import { listen } from './server.ts';
import { openWorld } from './world.ts';

/** One function as an HTTP container: what a Knative Service of functions/<name>/service.yaml runs. */
await runProgram(async () => {
  const config = loadConfig(process.env);
  const name = config.function;
  if (name === undefined) throw new ConfigError('environment: FUNCTION: name the function to serve');
  const log = createLog(config.logLevel, { function: name });
  // Of a container with its store elsewhere nothing is written at all.
  const folder = config.influx ? undefined : takeDataFolder(config.dataDir);
  const { ports, store, metrics, publisher } = await openWorld(
    config,
    systemClock,
    log,
    sendToBroker(config),
    endAtOnce,
  );
  const health = { draining: false, ready: () => store.ready() };

  let app: Parameters<typeof listen>[0];
  let shutdown: () => Promise<void> | void = () => {};
  if (isHttpFunction(name)) {
    const served = await serveFunction(await loadHttpFunction(name), ports, config.ingestLimits.bodyBytes);
    shutdown = () => served.module.shutdown?.(served.state);
    app = publicApp({ [name]: served, metrics, health, trustsLoopback: false });
  } else {
    const module = await loadEventFunction(name);
    const state = await module.init?.(ports);
    shutdown = () => module.shutdown?.(state);
    app = eventApp({ name, module, state, ports, metrics, health });
  }
  // As the laptop tells of those it hosts.
  metrics.gauge('fleet_function_active', 1, { function: name });
  metrics.count('fleet_function_cold_starts_total', 1, { function: name });
  const server = await listen(app, config.port, undefined, 'PORT');
  log.info({ port: server.port }, 'listening');
  return {
    async stop() {
      health.draining = true;
      await server.close();
      await publisher.flush();
      await shutdown();
      await store.close();
      folder?.release();
    },
  };
});
