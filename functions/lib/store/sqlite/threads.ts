import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../port.ts';
import type { EncodedRows } from '../rows.ts';
import { createRowEncoder } from '../rows.ts';
import type { VehicleSamples } from '../../telemetry/sample.ts';
import type { CommitMessage, Failure, WorkerSetup } from './messages.ts';
import type { Reads } from './reads.ts';
import type { Writes } from './writes.ts';

type Input<F> = F extends (input: infer I) => unknown ? I : undefined;
type Result<F> = F extends (...args: never[]) => infer R ? R : never;

/** Rows waiting for a commit at most: about half a second of the fastest disk seen; more is answered 503. */
const maxWaitingRows = 50_000;
/** Operations that are not appends waiting at most; callers are functions, whose events are bounded too. */
const maxWaitingOperations = 10_000;
/** Reads waiting for the reading thread at most. */
const maxWaitingReads = 1_000;
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: what the disk holds is unknown now, and a second fsync would lie. */
const fsyncErrors = new Set([1034, 1290]);

export interface Threads {
  append(groups: readonly VehicleSamples[], receivedMs: number): Promise<{ receipt: string }>;
  write<K extends keyof Writes>(name: K, input: Input<Writes[K]>): Promise<Result<Writes[K]>>;
  read<K extends keyof Reads>(name: K, input: Input<Reads[K]>): Promise<Result<Reads[K]>>;
  close(): Promise<void>;
}

interface Ticket {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The two threads of the SQLite store. Whatever comes while a commit is on its way to the disk makes up the next one
 * (group commit), so that a lone write waits for one fsync and a thousand of them share it.
 *
 * @param onFatal called once when the store can no longer be trusted (a failed fsync, a dead thread)
 */
export async function startThreads(path: string, paceMs: number, onFatal: (error: Error) => void): Promise<Threads> {
  const [writer, reader] = await Promise.all([start({ path, role: 'writer' }), start({ path, role: 'reader' })]);

  let encoder = createRowEncoder();
  let appends: (Ticket & { firstRow: number })[] = [];
  let operations: (CommitMessage['operations'][number] & Ticket)[] = [];
  let receivedMs = 0;
  let committing: ((results: (Failure | { value: unknown })[]) => void) | undefined;
  let scheduled = false;
  let lastCommitAt = 0;
  const reads = new Map<number, Ticket>();
  let nextRead = 0;
  let dead: Error | undefined;

  function fail(error: Error): void {
    if (dead) return;
    dead = new StoreUnavailable('the store has stopped', { cause: error });
    for (const ticket of [...appends, ...operations, ...reads.values()]) ticket.reject(dead);
    committing?.([]);
    onFatal(error);
  }

  function schedule(): void {
    if (scheduled || committing || dead) return;
    scheduled = true;
    const waitMs = lastCommitAt + paceMs - performance.now();
    if (waitMs > 0.5) setTimeout(commit, waitMs);
    else setImmediate(commit);
  }

  function commit(): void {
    scheduled = false;
    if (committing || dead || appends.length + operations.length === 0) return;
    lastCommitAt = performance.now();
    const group = operations;
    const tickets = appends;
    operations = [];
    appends = [];
    const message: CommitMessage = { operations: group.map(({ name, input }) => ({ name, input })) };
    const transfer: ArrayBuffer[] = [];
    if (tickets.length > 0) {
      const rows: EncodedRows = encoder.take();
      message.operations.unshift({ name: 'append', input: { rows, receivedMs } });
      transfer.push(rows.data.buffer as ArrayBuffer);
    }
    committing = (results) => {
      committing = undefined;
      const rest = tickets.length > 0 ? results.slice(1) : results;
      if (tickets.length > 0) settleAppends(tickets, results[0]);
      group.forEach((ticket, i) => settle(ticket, rest[i]));
      if (appends.length + operations.length > 0) schedule();
    };
    writer.postMessage(message, transfer);
  }

  function settle(ticket: Ticket, result: Failure | { value: unknown } | undefined): void {
    if (result && 'value' in result) ticket.resolve(result.value);
    else ticket.reject(unavailable(result));
  }

  function settleAppends(tickets: typeof appends, result: Failure | { value: unknown } | undefined): void {
    if (!result || !('value' in result)) {
      for (const ticket of tickets) ticket.reject(unavailable(result));
      return;
    }
    const covering = result.value as number[];
    for (const ticket of tickets) ticket.resolve({ receipt: String(covering[ticket.firstRow]) });
  }

  function unavailable(failure: Failure | undefined): Error {
    if (!failure) return dead ?? new StoreUnavailable('the store has stopped');
    if (failure.code !== null && fsyncErrors.has(failure.code)) fail(new Error(failure.failed));
    return new StoreUnavailable(`the store did not commit: ${failure.failed}`);
  }

  writer.on('message', (results: (Failure | { value: unknown })[]) => committing?.(results));
  reader.on('message', (answer: { id: number } & (Failure | { value: unknown })) => {
    const ticket = reads.get(answer.id);
    reads.delete(answer.id);
    if (ticket) settle(ticket, answer);
  });
  for (const worker of [writer, reader]) {
    worker.on('error', (cause) => fail(cause as Error));
    worker.on('exit', (code) => fail(new Error(`a thread of the store ended with code ${code}`)));
  }

  return {
    append(groups, now) {
      if (dead) return Promise.reject(dead);
      if (encoder.count >= maxWaitingRows) return Promise.reject(new StoreUnavailable('the store is busy', { retryAfterS: 1 }));
      const firstRow = encoder.count;
      for (const { vehicle, samples } of groups) for (const sample of samples) encoder.add(vehicle, sample);
      receivedMs = now;
      return new Promise((resolve, reject) => {
        appends.push({ firstRow, resolve: resolve as Ticket['resolve'], reject });
        schedule();
      });
    },
    write(name, input) {
      if (dead) return Promise.reject(dead);
      if (operations.length >= maxWaitingOperations) {
        return Promise.reject(new StoreUnavailable('the store is busy', { retryAfterS: 1 }));
      }
      return new Promise((resolve, reject) => {
        operations.push({ name, input, resolve: resolve as Ticket['resolve'], reject });
        schedule();
      });
    },
    read(name, input) {
      if (dead) return Promise.reject(dead);
      if (reads.size >= maxWaitingReads) return Promise.reject(new StoreUnavailable('the store is busy', { retryAfterS: 1 }));
      return new Promise((resolve, reject) => {
        const id = nextRead++;
        reads.set(id, { resolve: resolve as Ticket['resolve'], reject });
        reader.postMessage({ id, name, input });
      });
    },
    async close() {
      while (!dead && (committing || appends.length + operations.length > 0)) await new Promise((done) => setTimeout(done, 1));
      dead ??= new StoreUnavailable('the store is closed');
      await Promise.all([writer.terminate(), reader.terminate()]);
    },
  };
}

async function start(setup: WorkerSetup): Promise<Worker> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', (cause) => reject(new StoreUnavailable(`cannot open ${setup.path}: ${(cause as Error).message}`, { cause })));
  });
  worker.removeAllListeners('error');
  return worker;
}
