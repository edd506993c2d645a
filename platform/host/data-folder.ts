import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from './config-error.ts';

export interface DataFolder {
  release(): void;
}

/** Where the samples are, in a data folder. */
export const storeFile = (dataDir: string) => join(dataDir, 'fleet.sqlite');
export const tokenFile = (dataDir: string) => join(dataDir, 'tokens.json');

/**
 * Takes a data folder for this process, or throws ConfigError when another one has it. The lock is SQLite's own on an
 * empty file: the system lets go of it however the process ends.
 */
export function takeDataFolder(dataDir: string): DataFolder {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (cause) {
    throw new ConfigError(`FLEET_DATA: cannot make ${dataDir}: ${(cause as Error).message}`, { cause });
  }
  const lock = openLock(dataDir);
  try {
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new ConfigError(`FLEET_DATA: ${dataDir} is in use by another process; stop it, or name another folder`, {
      cause,
    });
  }
  return { release: () => lock.close() };
}

function openLock(dataDir: string): DatabaseSync {
  try {
    return new DatabaseSync(join(dataDir, 'lock'));
  } catch (cause) {
    throw new ConfigError(`FLEET_DATA: cannot write to ${dataDir}: ${(cause as Error).message}`, { cause });
  }
}
