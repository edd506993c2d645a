import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../host/clock.ts';
import { functionNames, loadConfig } from '../host/config.ts';
import { ConfigError } from '../host/config-error.ts';
import { createLog } from '../host/log.ts';
import { endAtOnce, runProgram } from '../host/process.ts';
import { createDemo } from './demo.ts';
import { writeKubeconfig } from './kube/kubeconfig.ts';
import { type Local, startLocal } from './local.ts';
import { watchManifests } from './reload.ts';
import { welcome } from './welcome.ts';

/** `npm start`: every function, the broker and the schedules in one process, on the data folder. */
await runProgram(async () => {
  const config = loadConfig({ ...process.env, ...(noDemo() && { FLEET_DEMO: 'off' }) });
  const log = createLog(config.logLevel);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const local = await startLocal({ root, config, clock: systemClock, log, onFatal: endAtOnce });
  const { runtime } = local;
  const { metrics } = local.world;
  const endWatch = watchManifests({ root, functions: functionNames, runtime, clock: systemClock, log, metrics });
  const demo = await createDemo(config, local, log);
  const kubeconfig = writeKubeconfig({ ...config, ...local, namespace: defaultNamespace(local) });
  welcome(local, config, { demo: demo !== undefined, kubeconfig });
  return {
    async stop() {
      endWatch();
      await demo?.stop();
      await local.stop();
    },
  };
});

/** The one of the first broker: what operators mean when they name none. */
function defaultNamespace({ runtime }: Local): string {
  return runtime.topology().brokers[0]?.document.metadata.namespace ?? 'default';
}

/** The one option there is. Throws ConfigError for anything else. */
function noDemo(): boolean {
  try {
    return parseArgs({ options: { 'no-demo': { type: 'boolean' } } }).values['no-demo'] === true;
  } catch (cause) {
    throw new ConfigError(`npm start takes --no-demo and nothing else: ${(cause as Error).message}`, { cause });
  }
}
