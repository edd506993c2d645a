import { readFile, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeTree } from '../test-runtime.ts';
import { writeKubeconfig } from './kubeconfig.ts';

it('names this port and the namespace that is meant when none is named, and replaces the one before', async () => {
  const dataDir = await writeTree({ kubeconfig: 'of another port' });
  const path = writeKubeconfig({ dataDir, internalPort: 8081, namespace: 'fleet' });
  const config = parse(await readFile(path, 'utf8'));
  expect(config.clusters).toEqual([{ name: 'fleet-laptop', cluster: { server: 'http://127.0.0.1:8081' } }]);
  expect(config.contexts[0].context).toEqual({ cluster: 'fleet-laptop', user: 'fleet-laptop', namespace: 'fleet' });
  expect(config['current-context']).toBe(config.contexts[0].name);
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
});
