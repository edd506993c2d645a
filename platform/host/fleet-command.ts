import { resolve } from 'node:path';
import type { FleetCommand } from '../../functions/lib/ports.ts';
import { defaultPort } from './config.ts';

/** How the `fleet` command is typed, on this machine, for it to mean a server of this data folder and port. */
export function fleetCommand({ dataDir, port }: { dataDir: string; port: number }): FleetCommand {
  const data = dataDir === resolve('data') ? '' : `FLEET_DATA=${quoted(dataDir)} `;
  const server = port === defaultPort ? '' : `PORT=${port} `;
  return { onFolder: `${data}npx fleet`, onServer: `${data}${server}npx fleet` };
}

/** For a shell, where it would not take the path as it is. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
