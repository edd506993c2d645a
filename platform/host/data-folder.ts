import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    const who = holderOf(dataDir);
    throw new ConfigError(`FLEET_DATA: ${dataDir} is in use by ${who}; stop it, or name another folder`, { cause });
  }
  sayHolder(dataDir);
  return {
    release() {
      rmSync(pidFile(dataDir), { force: true });
      lock.close();
    },
  };
}

/** Beside the lock: whoever opens and closes the lock's own file lets go of it (POSIX). */
const pidFile = (dataDir: string) => join(dataDir, 'lock.pid');

function sayHolder(dataDir: string): void {
  try {
    writeFileSync(pidFile(dataDir), `${process.pid}\n`);
  } catch {
    // The lock holds without it, on a full disk.
  }
}

function holderOf(dataDir: string): string {
  try {
    const [pid] = /^\d+/.exec(readFileSync(pidFile(dataDir), 'utf8')) ?? [];
    return pid === undefined ? 'another process' : `process ${pid}`;
  } catch {
    return 'another process';
  }
}

function openLock(dataDir: string): DatabaseSync {
  try {
    return new DatabaseSync(join(dataDir, 'lock'));
  } catch (cause) {
    throw new ConfigError(`FLEET_DATA: cannot write to ${dataDir}: ${(cause as Error).message}`, { cause });
  }
}
