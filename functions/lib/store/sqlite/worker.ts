import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CommitMessage, Failure, ReadMessage, WorkerSetup } from './messages.ts';
import { createReads } from './reads.ts';
import { createFreshTables } from './rollups.ts';
import { configure, migrate } from './schema.ts';
import { connection } from './statements.ts';
import { createWrites } from './writes.ts';

/** One thread of the store: the one writer, or a reader beside it (WAL lets it read while the writer commits). */
const port = parentPort;
if (!port) throw new Error('worker.ts runs in a worker thread');
const setup = workerData as WorkerSetup;
const db = new DatabaseSync(setup.path);
configure(db);
if (setup.role === 'writer') write();
else read();
port.postMessage('ready');

function write(): void {
  migrate(db);
  const open = connection(db);
  createFreshTables(open);
  const writes = createWrites(open);

  function transaction(operations: CommitMessage['operations']): unknown[] {
    db.exec('BEGIN IMMEDIATE');
    try {
      const results = operations.map(({ name, input }) => (writes[name] as (input: unknown) => unknown)(input));
      db.exec('COMMIT');
      return results;
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      writes.forgetCaches();
      throw cause;
    }
  }

  /** A group fails as a whole; then each operation is tried alone, so that a bad one takes no neighbour with it. */
  function commit(operations: CommitMessage['operations']): (Failure | { value: unknown })[] {
    try {
      return transaction(operations).map((value) => ({ value }));
    } catch (cause) {
      if (operations.length === 1) return [failure(cause)];
      return operations.flatMap((operation) => commit([operation]));
    }
  }

  port?.on('message', ({ operations }: CommitMessage) => port?.postMessage(commit(operations)));
}

function read(): void {
  const reads = createReads(connection(db));
  port?.on('message', ({ id, name, input }: ReadMessage) => {
    try {
      port?.postMessage({ id, value: (reads[name] as (input: unknown) => unknown)(input) });
    } catch (cause) {
      port?.postMessage({ id, ...failure(cause) });
    }
  });
}

function failure(cause: unknown): Failure {
  const { message, errcode } = cause as { message?: string; errcode?: number };
  return { failed: message ?? String(cause), code: errcode ?? null };
}
