import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  dataDir: string;
  /** Of the API, on the loopback address. */
  internalPort: number;
  /** What commands mean that name none. */
  namespace: string;
}

/** Writes the file that `KUBECONFIG` may name, into the data folder; answers its path. */
export function writeKubeconfig({ dataDir, internalPort, namespace }: KubeconfigOptions): string {
  const path = join(dataDir, 'kubeconfig');
  const name = 'fleet-laptop';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${internalPort}` } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  };
  // In one step, so that a reader sees the old one or the new one.
  writeFileSync(`${path}.tmp`, stringify(config), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
  return path;
}
