import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder works for milliseconds; a lock this old was left behind by a process that died. */
const staleMs = 5_000;
/** Longer than {@link staleMs}, so that waiting always outlasts a lock left behind. */
const patienceMs = 10_000;
const retryMs = 10;

/** The lock is held, and stays held, by another process. */
export class LockTimeout extends Error {}

/**
 * Runs `work` while holding the lock file `path` (created with O_EXCL). `work` gets `held`, which says whether the lock
 * is still ours: a process that was stopped for longer than {@link staleMs} has lost it, and must not publish its result.
 * Rejects with LockTimeout after 10 s of waiting.
 */
export async function withFileLock<T>(path: string, work: (held: () => Promise<boolean>) => Promise<T>): Promise<T> {
  const nonce = randomUUID();
  await acquire(path, nonce);
  const held = async () => (await readFile(path, 'utf8').catch(() => '')) === nonce;
  try {
    return await work(held);
  } finally {
    if (await held()) await unlink(path).catch(ignoreMissing);
  }
}

async function acquire(path: string, nonce: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += retryMs) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(nonce);
      await file.close();
      return;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    if (!(await removeStale(path, nonce))) await sleep(retryMs * (0.5 + Math.random()));
  }
  throw new LockTimeout(`${path} is held by another process; remove it if there is none`);
}

/** Moved away by rename rather than deleted: of two that find it stale, one gets it and the other an error. */
async function removeStale(path: string, nonce: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  if (Date.now() - mtimeMs < staleMs) return false;
  const aside = `${path}.${nonce}`;
  try {
    await rename(path, aside);
    await unlink(aside);
    return true;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
