import { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { commitGroup, failure } from './commit.ts';
import {
  type CommitMessage,
  type Committed,
  closeMessage,
  type Outcome,
  type ReadMessage,
  type WorkerSetup,
} from './messages.ts';
import { createReads } from './reads.ts';
import { createFileCheck } from './same-files.ts';
import { configure, migrate } from './schema.ts';
import { connection } from './statements.ts';
import { createWrites, type Writes } from './writes.ts';

/** One thread of the store: the one writer, or a reader beside it (WAL lets it read while the writer commits). */
const port = parentPort as MessagePort;
const { path, role, layout } = workerData as WorkerSetup;
const db = new DatabaseSync(path, { readOnly: role === 'reader' });
configure(db);
const answer = role === 'writer' ? answerCommits() : answerReads();
port.on('message', (message) => {
  if (message === closeMessage) {
    db.close();
    port.close();
  } else answer(message);
});
if (role === 'writer') port.postMessage('ready');

function answerCommits(): (message: CommitMessage) => void {
  migrate(db, layout);
  const prepared = connection(db);
  const writes = createWrites(prepared, layout);
  let checkFiles = createFileCheck(path);
  /** Of what has been committed since the last answer. */
  let merged = 0;

  function transaction(operations: CommitMessage['operations']): unknown[] {
    // Before, because a log that was cut off is longer again after the commit; and after, for what came between.
    checkFiles();
    prepared.sql('BEGIN IMMEDIATE').run();
    try {
      const results = operations.map(({ name, input }) => (writes[name] as (input: unknown) => unknown)(input));
      prepared.sql('COMMIT').run();
      merged += writes.takeMerged();
      checkFiles();
      return results;
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      writes.forgetCaches();
      throw cause;
    }
  }

  return ({ operations }) => {
    const outcomes = commitGroup(operations, transaction);
    const committed: Committed = {
      outcomes: operations.map(({ name }, i) => afterCommit(name, outcomes[i] as Outcome)),
      merged,
    };
    merged = 0;
    port.postMessage(committed);
  };

  /** An erasure is done when the log is empty, too: what was erased stands in it page by page. */
  function afterCommit(name: keyof Writes, outcome: Outcome): Outcome {
    if (name !== 'eraseVehicle' || !('value' in outcome)) return outcome;
    try {
      const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      // The log is shorter now, by our own hand.
      checkFiles = createFileCheck(path);
      return busy === 0
        ? outcome
        : {
            failed: 'erased, but not yet from the log of the file, which a reader (a backup?) holds: repeat it',
            code: null,
          };
    } catch (cause) {
      return failure(cause);
    }
  }
}

function answerReads(): (message: ReadMessage) => void {
  const reads = createReads(connection(db), layout);
  return ({ id, name, input }) => {
    try {
      const value = (reads[name] as (input: unknown) => unknown)(input);
      port.postMessage({ id, value }, buffersOf(value));
    } catch (cause) {
      port.postMessage({ id, ...failure(cause) });
    }
  };
}

/** Encoded rows change hands instead of being copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const data = (value as { data?: unknown } | undefined)?.data;
  return data instanceof Float64Array ? [data.buffer as ArrayBuffer] : [];
}
