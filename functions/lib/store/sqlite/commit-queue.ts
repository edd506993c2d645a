import type { Worker } from 'node:worker_threads';
import { type Store, StoreUnavailable, VehicleErased } from '../port.ts';
import { createRowEncoder } from '../row-encoder.ts';
import type { Answers, AppendInput, CommitMessage, Committed, Failure, Input, Outcome, Result } from './messages.ts';
import { fileMoved } from './same-files.ts';
import type { Writes } from './writes.ts';

/** Rows waiting for a commit at most: about half a second of the fastest disk seen; more is answered 503. */
const maxWaitingRows = 50_000;
/** Characters of text waiting at most, because raw OBD-II lines may make a row a thousand times the usual. */
const maxWaitingCharacters = 32 * 1024 * 1024;
/**
 * An append that has waited so long for the commit before it says that more comes than the disk takes: further ones are
 * refused until it is gone, so that whoever is taken in has an answer within about two commits of this length, ms.
 */
const maxWaitMs = 1_000;
/** A commit that has not come back for so long has got stuck (SQLite itself waits 2 s for a lock), ms. */
const stuckMs = 8_000;
/** Operations that are not appends waiting at most; callers are functions, whose events are bounded too. */
const maxWaitingOperations = 10_000;
/**
 * SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: what the disk holds is unknown now, and a second fsync would lie. And a
 * file that is no longer ours.
 */
const fatalErrors = new Set([1034, 1290, fileMoved]);

export interface CommitQueue {
  /** Why an append would be refused just now; free of cost. */
  busy(): StoreUnavailable | undefined;
  append: Store['append'];
  write<K extends keyof Writes>(name: K, input: Input<Writes[K]>, rows?: number): Promise<Result<Writes[K]>>;
  /** Refuses what comes from now on; resolves when what came before has its answer. */
  drain(refusal: StoreUnavailable): Promise<void>;
  /** Rejects everything that waits, and what comes from now on. */
  stop(refusal: StoreUnavailable): void;
}

/** What the store tells whoever has opened it. */
export interface Listeners {
  /** Called once when the disk failed in a way after which no commit can be trusted, or a thread has ended. */
  onFatal(error: Error): void;
  /** Samples were found to be there already with another value, some time after they were appended. */
  onMerged(samples: number): void;
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
 */
export function createCommitQueue(writer: Worker, paceMs: number, { onFatal, onMerged }: Listeners): CommitQueue {
  const encoder = createRowEncoder();
  let firstRows: number[] = [];
  let appends: Ticket[] = [];
  let operations: (CommitMessage['operations'][number] & Ticket)[] = [];
  /** Rows of operations that are not appends. */
  let operationRows = 0;
  let receivedMs = 0;
  /** When the oldest of the appends came that wait. */
  let waitingSince = 0;
  let committing: { appends: Ticket[]; operations: Ticket[]; stuckTimer: NodeJS.Timeout } | undefined;
  /** While a commit is stuck: nobody waits behind it. */
  let stuck: StoreUnavailable | undefined;
  let scheduled = false;
  let lastCommitAt = 0;
  let refusal: StoreUnavailable | undefined;
  let drained: (() => void) | undefined;

  const idle = () => !committing && appends.length + operations.length === 0;

  function refused(): StoreUnavailable | undefined {
    if (refusal ?? stuck) return refusal ?? stuck;
    const full =
      encoder.count + operationRows >= maxWaitingRows ||
      encoder.characters >= maxWaitingCharacters ||
      operations.length >= maxWaitingOperations;
    return full ? new StoreUnavailable('the store is busy', { retryAfterS: 1 }) : undefined;
  }

  function busy(): StoreUnavailable | undefined {
    const late = appends.length > 0 && performance.now() - waitingSince > maxWaitMs;
    return late ? new StoreUnavailable('the store is busy', { retryAfterS: 1 }) : refused();
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
    committing = { appends, operations, stuckTimer: setTimeout(giveUp, stuckMs) };
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

  /** What is in the stuck commit may still come to be stored: whoever sends it again changes nothing. */
  function giveUp(): void {
    stuck = new StoreUnavailable(`a commit has not come back for ${stuckMs} ms`);
    rejectAll(stuck);
  }

  /** Answers everything that is under way; a commit that has been handed over stays so. */
  function rejectAll(error: Error): void {
    const tickets = [committing?.appends, committing?.operations, appends, operations].flatMap((list) => list ?? []);
    if (committing) Object.assign(committing, { appends: [], operations: [] });
    if (appends.length > 0) encoder.take();
    appends = [];
    firstRows = [];
    operations = [];
    operationRows = 0;
    for (const ticket of tickets) ticket.reject(error);
  }

  writer.on('message', ({ outcomes, merged }: Committed) => {
    if (!committing) return;
    const group = committing;
    committing = undefined;
    stuck = undefined;
    clearTimeout(group.stuckTimer);
    if (merged > 0) onMerged(merged);
    for (const outcome of outcomes) if ('failed' in outcome) failIfLost(outcome);
    const rest = group.appends.length > 0 ? outcomes.slice(1) : outcomes;
    if (group.appends.length > 0) settleAppends(group.appends, outcomes[0] as Outcome);
    for (const [i, ticket] of group.operations.entries()) settle(ticket, rest[i] as Outcome);
    if (!idle()) schedule();
    else drained?.();
  });

  function settleAppends(tickets: Ticket[], outcome: Outcome): void {
    const answers = 'value' in outcome ? (outcome.value as Answers) : [];
    for (const [i, ticket] of tickets.entries()) {
      const answer = answers[i];
      if (typeof answer === 'object') ticket.reject(new VehicleErased(answer));
      else settle(ticket, 'value' in outcome ? { value: { receipt: answer } } : outcome);
    }
  }

  function settle(ticket: Ticket, outcome: Outcome): void {
    if ('value' in outcome) ticket.resolve(outcome.value);
    else ticket.reject(new StoreUnavailable(`the store did not commit: ${outcome.failed}`));
  }

  function failIfLost({ failed, code }: Failure): void {
    if (code !== null && fatalErrors.has(code)) onFatal(new Error(failed));
  }

  return {
    busy,
    append(groups, now) {
      return new Promise((resolve, reject) => {
        const no = busy();
        if (no) throw no;
        const firstRow = encoder.count;
        for (const { vehicle, samples } of groups) for (const sample of samples) encoder.add(vehicle, sample);
        if (encoder.count === firstRow) throw new RangeError('an append needs a sample');
        receivedMs = now;
        firstRows.push(firstRow);
        if (appends.length === 0) waitingSince = performance.now();
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
      if (idle() || stuck) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
      });
    },
    stop(error) {
      refusal = error;
      rejectAll(error);
      clearTimeout(committing?.stuckTimer);
      committing = undefined;
      drained?.();
    },
  };
}
