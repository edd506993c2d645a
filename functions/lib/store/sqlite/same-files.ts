import { statSync } from 'node:fs';

/** SQLITE_READONLY_DBMOVED, which SQLite itself finds only without a write-ahead log. */
export const fileMoved = 1032;

/** The log is cut to this when it begins anew (schema.ts, journal_size_limit), bytes. */
export const keptLogBytes = 67_108_864;

/**
 * Whether the data file and its log are still those that were opened, and as long as they were: what is committed to a
 * file that somebody has replaced, removed or cut off is gone with the next start. Two calls of `stat`.
 *
 * @returns throws an error with the code {@link fileMoved}
 */
export function createFileCheck(path: string): () => void {
  const known = new Map<string, { inode: number; bytes: number }>();

  function check(file: string, mayShrinkTo: number): void {
    const stat = statSync(file, { throwIfNoEntry: false });
    const { inode, bytes } = known.get(file) ?? { inode: stat?.ino, bytes: 0 };
    if (stat === undefined || stat.ino !== inode) throw moved(`${file} was replaced or removed`);
    if (stat.size < Math.min(bytes, mayShrinkTo)) throw moved(`${file} was cut off`);
    known.set(file, { inode: stat.ino, bytes: stat.size });
  }

  check(path, Infinity);
  return () => {
    check(path, Infinity);
    check(`${path}-wal`, keptLogBytes);
  };
}

function moved(message: string): Error {
  return Object.assign(new Error(message), { errcode: fileMoved });
}
