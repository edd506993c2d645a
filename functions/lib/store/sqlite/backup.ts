import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { schemaVersion } from './schema.ts';

/** Pages copied in one step; between steps the caller's process does other things. */
const stepPages = 1_000;

/** What stands in a backup beside the tables of the store, in a table of its own. */
export interface BackupNote {
  /** RFC 3339. */
  madeAt: string;
  /** Rows of each table of the store. Those of `sample` include what receipts carry as parts: a sample that came twice, twice. */
  rows: Record<string, number>;
  /** Other files of the data folder, by name. */
  files: Record<string, string>;
}

/** A file that is no backup, or not whole. The message names it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * Copies a store that may be in use by another process, as of one instant after this was called (a snapshot that the
 * write-ahead log keeps), with SQLite's own backup. The copy is one file, readable by its owner alone, and is there under
 * its name only when it has been found whole and is on disk. Throws BackupError.
 */
export async function backUp(path: string, target: string, note: Pick<BackupNote, 'madeAt' | 'files'>) {
  const temporary = `${target}.${process.pid}.tmp`;
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    // Made first, so that nobody else may read it for a moment.
    await (await open(temporary, 'wx', 0o600)).close();
    // Without it each commit of the server would begin the copy anew.
    source.exec('PRAGMA busy_timeout = 5000; BEGIN');
    const rows = countRows(source);
    await backup(source, temporary, { rate: stepPages });
    source.exec('ROLLBACK');
    writeNote(temporary, { ...note, rows });
    const written = checkBackup(temporary);
    if (JSON.stringify(written.rows) !== JSON.stringify(rows)) throw new BackupError(`${target}: rows are missing`);
    await publish(temporary, target);
    return written;
  } finally {
    source.close();
    for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(temporary + suffix, { force: true });
  }
}

/** Reads all of a backup: its pages, its indexes, its number of rows. Throws BackupError. */
export function checkBackup(path: string): BackupNote {
  const db = openBackup(path);
  try {
    const note = readNote(db, path);
    const faults = db.prepare('PRAGMA integrity_check(3)').all() as { integrity_check: string }[];
    if (faults[0]?.integrity_check !== 'ok') {
      throw new BackupError(`${path} is damaged: ${faults.map((fault) => fault.integrity_check).join('; ')}`);
    }
    const rows = countRows(db);
    const wrong = Object.keys(note.rows).find((table) => rows[table] !== note.rows[table]);
    if (wrong !== undefined) {
      throw new BackupError(`${path} is damaged: ${wrong} has ${rows[wrong] ?? 0} rows, not ${note.rows[wrong]}`);
    }
    return note;
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw new BackupError(`${path} is damaged: ${(cause as Error).message}`, { cause });
  } finally {
    db.close();
  }
}

/** Makes a store of a copy of a backup. */
export function dropNote(path: string): void {
  const db = new DatabaseSync(path);
  db.exec('DROP TABLE backup');
  db.close();
}

function openBackup(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    throw new BackupError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function writeNote(path: string, { madeAt, rows, files }: BackupNote): void {
  const db = new DatabaseSync(path);
  // One file, without a log beside it.
  db.exec('PRAGMA journal_mode = DELETE; CREATE TABLE backup (madeAt TEXT, rows TEXT, files TEXT)');
  db.prepare('INSERT INTO backup VALUES (?, ?, ?)').run(madeAt, JSON.stringify(rows), JSON.stringify(files));
  db.close();
}

function readNote(db: DatabaseSync, path: string): BackupNote {
  let note: { madeAt: string; rows: string; files: string } | undefined;
  try {
    note = db.prepare('SELECT madeAt, rows, files FROM backup').get() as typeof note;
  } catch (cause) {
    throw new BackupError(`${path} is no backup that fleet made: ${(cause as Error).message}`, { cause });
  }
  if (!note) throw new BackupError(`${path} is no backup that fleet made`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > schemaVersion) {
    throw new BackupError(`${path} has version ${version}; this program knows up to ${schemaVersion}`);
  }
  return { madeAt: note.madeAt, rows: JSON.parse(note.rows), files: JSON.parse(note.files) };
}

function countRows(db: DatabaseSync): Record<string, number> {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => name as string)
    .filter((name) => name !== 'backup');
  const count = (source: string) => db.prepare(`SELECT ${source}`).get()?.n as number;
  const rows = Object.fromEntries(tables.map((table) => [table, count(`count(*) AS n FROM "${table}"`)]));
  // Files of before version 3 have no parts.
  const hasParts = count("count(*) AS n FROM pragma_table_info('receipt') WHERE name = 'part'") > 0;
  if (hasParts) rows.sample = (rows.sample ?? 0) + count('total(count) AS n FROM receipt WHERE part IS NOT NULL');
  return rows;
}

/** On disk before it has its name, and the name on disk when this resolves. */
export async function publish(temporary: string, target: string): Promise<void> {
  await syncPath(temporary);
  await rename(temporary, target);
  await syncPath(dirname(target));
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
