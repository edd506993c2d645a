import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Log } from '../../../functions/lib/ports.ts';
import { systemClock } from '../../host/clock.ts';
import { functionNames, loadConfig } from '../../host/config.ts';
import { writeKubeconfig } from '../../local/kube/kubeconfig.ts';
import { type Local, startLocal } from '../../local/local.ts';
import { watchManifests } from '../../local/reload.ts';
import { root } from '../program.ts';
import { temporaryFolder } from '../server.ts';

export interface EditedLaptop {
  readonly dataDir: string;
  /** Changes a manifest of the copy. Throws when the change changes nothing. */
  edit(file: string, change: (text: string) => string): Promise<void>;
  start(log?: Log): Promise<Local>;
  /** What `/metrics` says. */
  metrics(): Promise<string>;
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What `npm start` runs, in this process, with a copy of the manifests that a test may edit. */
export async function anEditedLaptop(): Promise<EditedLaptop> {
  const [dataDir, copy] = [await temporaryFolder(), await temporaryFolder()];
  onTestFinished(() =>
    Promise.all([dataDir, copy].map((folder) => rm(folder, { recursive: true, force: true }))).then(),
  );
  await cp(join(root, 'eventing'), join(copy, 'eventing'), { recursive: true });
  for (const name of functionNames) {
    await cp(join(root, 'functions', name, 'service.yaml'), join(copy, 'functions', name, 'service.yaml'));
  }
  let local: Local | undefined;
  return {
    dataDir,
    async edit(file, change) {
      const before = await readFile(join(copy, file), 'utf8');
      const after = change(before);
      if (after === before) throw new Error(`the edit of ${file} changes nothing`);
      await writeFile(join(copy, file), after);
    },
    async start(log = quiet) {
      const config = loadConfig({ FLEET_DATA: dataDir, PORT: '0', INTERNAL_PORT: '0', FLEET_DEMO: 'off' });
      const onFatal = (error: Error) => {
        throw error;
      };
      local = await startLocal({ root: copy, config, clock: systemClock, log, onFatal });
      const { runtime, world, internalPort } = local;
      const { metrics } = world;
      const end = watchManifests({ root: copy, functions: functionNames, runtime, clock: systemClock, log, metrics });
      onTestFinished(() => {
        end();
        return local?.stop();
      });
      writeKubeconfig({ dataDir, internalPort, namespace: 'fleet' });
      return local;
    },
    metrics: async () => (await local?.world.metrics.text())?.body ?? '',
  };
}
