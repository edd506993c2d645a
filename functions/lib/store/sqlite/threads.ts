import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { windowMs } from '../../rollups/rollup.ts';
import { columns, rollupColumns } from '../../telemetry/columns.ts';
import { StoreUnavailable } from '../port.ts';
import { type CommitQueue, createCommitQueue, type Listeners } from './commit-queue.ts';
import { closeMessage, type WorkerSetup } from './messages.ts';
import { createReadQueue, type ReadQueue } from './read-queue.ts';

export interface Threads extends Pick<CommitQueue, 'append' | 'busy' | 'write'>, Pick<ReadQueue, 'read'> {
  /** Finishes the writes that have come, and rejects the reads that wait. */
  close(): Promise<void>;
}

/**
 * The two threads of the SQLite store. The reader starts when the writer has made sure of the file, and nobody waits for
 * it: the first write can come before it is up, and reads queue.
 */
export async function startThreads(path: string, paceMs: number, { onFatal, onMerged }: Listeners): Promise<Threads> {
  const writer = start(path, 'writer');
  await ready(writer, path);
  const reader = start(path, 'reader');
  const commits = createCommitQueue(writer, paceMs, { onFatal: fail, onMerged });
  const reads = createReadQueue(reader);
  let stopped = false;

  function stop(refusal: StoreUnavailable): void {
    stopped = true;
    commits.stop(refusal);
    reads.stop(refusal);
  }

  function fail(error: Error): void {
    if (stopped) return;
    stop(new StoreUnavailable('the store has stopped', { cause: error }));
    onFatal(error);
  }

  for (const thread of [writer, reader]) {
    thread.on('error', (cause) => fail(cause as Error));
    thread.on('exit', (code) => fail(new Error(`a thread of the store ended with code ${code}`)));
  }

  return {
    append: commits.append,
    busy: commits.busy,
    write: commits.write,
    read: reads.read,
    async close() {
      const closed = new StoreUnavailable('the store is closed');
      await commits.drain(closed);
      stop(closed);
      // The writer last: whoever closes the file last takes the write-ahead log into it.
      for (const thread of [reader, writer]) await end(thread);
    },
  };
}

function start(path: string, role: WorkerSetup['role']): Worker {
  const setup: WorkerSetup = { path, role, layout: { columns, rollupColumns, windowMs } };
  return new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
}

async function ready(thread: Worker, path: string): Promise<void> {
  try {
    await once(thread, 'message');
  } catch (cause) {
    throw new StoreUnavailable(`cannot open ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function end(thread: Worker): Promise<void> {
  // A thread that is gone has the id -1.
  if (thread.threadId === -1) return;
  thread.postMessage(closeMessage);
  await once(thread, 'exit');
}
