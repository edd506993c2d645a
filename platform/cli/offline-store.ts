import { existsSync } from 'node:fs';
import type { Store } from '../../functions/lib/store/port.ts';
import { CliError, exitCodes } from './exit.ts';
import type { ServerOptions } from './options.ts';
import { baseUrl, dataFolder, demandFileStore, isLoopback } from './settings.ts';
import type { World } from './world.ts';

/**
 * Asks the server; where none answers and its data folder is on this machine, works on the store itself. Throws what
 * `byServer` throws, or a ConfigError where another process has the folder.
 *
 * @param absent what it comes to where there is no store yet
 */
export async function byServerOrStore<T>(
  world: World,
  options: ServerOptions,
  { byServer, onStore, absent }: { byServer: () => Promise<T>; onStore: (store: Store) => Promise<T>; absent: T },
): Promise<T> {
  try {
    return await byServer();
  } catch (error) {
    const down = error instanceof CliError && error.exitCode === exitCodes.unavailable;
    if (!down || !isHere(world, options)) throw error;
    demandFileStore(world, 'start the server to do this');
    return withStore(dataFolder(world), onStore, absent);
  }
}

/** Whether the server's data folder is on this machine. */
export function isHere(world: World, { url }: ServerOptions): boolean {
  return isLoopback(baseUrl(url, world)) && existsSync(dataFolder(world));
}

/** A data folder that another process has (on another port) is left alone. */
async function withStore<T>(folder: string, work: (store: Store) => Promise<T>, absent: T): Promise<T> {
  // Loaded only here: every other command starts faster without the store.
  const { storeFile, takeDataFolder } = await import('../host/data-folder.ts');
  const { openSqliteStore } = await import('../../functions/lib/store/sqlite.ts');
  if (!existsSync(storeFile(folder))) return absent;
  const { release } = takeDataFolder(folder);
  try {
    const store = await openSqliteStore({ path: storeFile(folder) });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    release();
  }
}
