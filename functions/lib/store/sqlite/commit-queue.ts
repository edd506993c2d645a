import type { Worker } from 'node:worker_threads';
import type { VehicleSamples } from '../../telemetry/sample.ts';
import { StoreUnavailable } from '../port.ts';
import { createRowEncoder } from '../row-encoder.ts';
import type { AppendInput, CommitMessage, Failure, Input, Outcome, Result } from './messages.ts';
import type { Writes } from './writes.ts';

/** Rows waiting for a commit at most: about half a second of the fastest disk seen; more is answered 503. */
const maxWaitingRows = 50_000;
/** Characters of text waiting at most, because raw OBD-II lines may make a row a thousand times the usual. */
const maxWaitingCharacters = 32 * 1024 * 1024;
/** Operations that are not appends waiting at most; callers are functions, whose events are bounded too. */
const maxWaitingOperations = 10_000;
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: what the disk holds is unknown now, and a second fsync would lie. */
const fsyncErrors = new Set([1034, 1290]);

export interface CommitQueue {
  append(groups: readonly VehicleSamples[], receivedMs: number): Promise<{ receipt: string }>;
  write<K extends keyof Writes>(name: K, input: Input<Writes[K]>, rows?: number): Promise<Result<Writes[K]>>;
  /** Refuses what comes from now on; resolves when what came before has its answer. */
  drain(refusal: Error): Promise<void>;
  /** Rejects everything that waits, and what comes from now on. */
  stop(refusal: Error): void;
}

interface Ticket {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Group commit: whatever comes while a commit is on its way to the disk makes up the next one, so that a lone write waits
 * for one fsync and a thousand of them share it.
 *
 * @param paceMs least time between the starts of two commits
 * @param onFatal called when the disk failed in a way after which no commit can be trusted
 */
export function createCommitQueue(writer: Worker, paceMs: number, onFatal: (error: Error) => void): CommitQueue {
  const encoder = createRowEncoder();
  let firstRows: number[] = [];
  let appends: Ticket[] = [];
  let operations: (CommitMessage['operations'][number] & Ticket)[] = [];
  /** Rows of operations that are not appends. */
  let operationRows = 0;
  let receivedMs = 0;
  let committing: { appends: Ticket[]; operations: Ticket[] } | undefined;
  let scheduled = false;
  let lastCommitAt = 0;
  let refusal: Error | undefined;
  let drained: (() => void) | undefined;

  const idle = () => !committing && appends.length + operations.length === 0;

  function refused(): Error | undefined {
    if (refusal) return refusal;
    const full =
      encoder.count + operationRows >= maxWaitingRows ||
      encoder.characters >= maxWaitingCharacters ||
      operations.length >= maxWaitingOperations;
    return full ? new StoreUnavailable('the store is busy', { retryAfterS: 1 }) : undefined;
  }

  function schedule(): void {
    if (scheduled || committing) return;
    scheduled = true;
    const waitMs = lastCommitAt + paceMs - performance.now();
    if (waitMs > 0.5) setTimeout(commit, waitMs);
    else setImmediate(commit);
  }

  function commit(): void {
    scheduled = false;
    if (idle()) return;
    lastCommitAt = performance.now();
    committing = { appends, operations };
    const message: CommitMessage = { operations: operations.map(({ name, input }) => ({ name, input })) };
    const transfer: ArrayBuffer[] = [];
    if (appends.length > 0) {
      const input: AppendInput = { rows: encoder.take(), firstRows, receivedMs };
      message.operations.unshift({ name: 'append', input });
      transfer.push(input.rows.data.buffer);
    }
    appends = [];
    firstRows = [];
    operations = [];
    operationRows = 0;
    writer.postMessage(message, transfer);
  }

  writer.on('message', (outcomes: Outcome[]) => {
    if (!committing) return;
    const group = committing;
    committing = undefined;
    const rest = group.appends.length > 0 ? outcomes.slice(1) : outcomes;
    if (group.appends.length > 0) settleAppends(group.appends, outcomes[0] as Outcome);
    for (const [i, ticket] of group.operations.entries()) settle(ticket, rest[i] as Outcome);
    if (!idle()) schedule();
    else drained?.();
  });

  function settleAppends(tickets: Ticket[], outcome: Outcome): void {
    const receipts = 'value' in outcome ? (outcome.value as string[]) : [];
    for (const [i, ticket] of tickets.entries()) {
      settle(ticket, 'value' in outcome ? { value: { receipt: receipts[i] } } : outcome);
    }
  }

  function settle(ticket: Ticket, outcome: Outcome): void {
    if ('value' in outcome) ticket.resolve(outcome.value);
    else ticket.reject(unavailable(outcome));
  }

  function unavailable({ failed, code }: Failure): Error {
    if (code !== null && fsyncErrors.has(code)) onFatal(new Error(failed));
    return new StoreUnavailable(`the store did not commit: ${failed}`);
  }

  return {
    async append(groups, now) {
      const no = refused();
      if (no) throw no;
      const firstRow = encoder.count;
      for (const { vehicle, samples } of groups) for (const sample of samples) encoder.add(vehicle, sample);
      if (encoder.count === firstRow) throw new RangeError('an append needs a sample');
      receivedMs = now;
      return new Promise((resolve, reject) => {
        firstRows.push(firstRow);
        appends.push({ resolve: resolve as Ticket['resolve'], reject });
        schedule();
      });
    },
    async write(name, input, rows = 0) {
      const no = refused();
      if (no) throw no;
      operationRows += rows;
      return new Promise((resolve, reject) => {
        operations.push({ name, input, resolve: resolve as Ticket['resolve'], reject });
        schedule();
      });
    },
    drain(error) {
      refusal ??= error;
      if (idle()) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
      });
    },
    stop(error) {
      refusal = error;
      for (const ticket of [...(committing?.appends ?? []), ...(committing?.operations ?? [])]) ticket.reject(error);
      for (const ticket of [...appends, ...operations]) ticket.reject(error);
      committing = undefined;
      appends = [];
      operations = [];
      drained?.();
    },
  };
}
