import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file in one step, on disk when it resolves: a reader sees the old text or the new one, never a part. Only
 * the owner may read it. `mayPublish` is asked last, just before the new text becomes visible; answers whether it did.
 */
export async function writeAtomic(path: string, text: string, mayPublish: () => Promise<boolean>): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await mayPublish())) return false;
    await rename(temporary, path);
  } finally {
    await unlink(temporary).catch(() => {});
  }
  await syncFolder(dirname(path));
  return true;
}

/** The rename itself is durable once the folder is (not possible on Windows, where it is not needed). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  if (!folder) return;
  await folder.sync().catch(() => {});
  await folder.close();
}
