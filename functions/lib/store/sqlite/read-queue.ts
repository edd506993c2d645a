import type { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../port.ts';
import type { Input, Outcome, Result } from './messages.ts';
import type { Reads } from './reads.ts';

/** Reads waiting for the reading thread at most. */
const maxWaitingReads = 1_000;

export interface ReadQueue {
  read<K extends keyof Reads>(name: K, input: Input<Reads[K]>): Promise<Result<Reads[K]>>;
  /** Rejects everything that waits, and what comes from now on. */
  stop(refusal: Error): void;
}

/** Reads on their way to the reading thread and back. */
export function createReadQueue(reader: Worker): ReadQueue {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let next = 0;
  let refusal: Error | undefined;

  reader.on('message', (answer: { id: number } & Outcome) => {
    const ticket = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('value' in answer) ticket?.resolve(answer.value);
    else ticket?.reject(new StoreUnavailable(`the store did not answer: ${answer.failed}`));
  });

  return {
    async read(name, input) {
      if (refusal) throw refusal;
      if (waiting.size >= maxWaitingReads) throw new StoreUnavailable('the store is busy', { retryAfterS: 1 });
      return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        reader.postMessage({ id, name, input });
      });
    },
    stop(error) {
      refusal = error;
      for (const ticket of waiting.values()) ticket.reject(error);
      waiting.clear();
    },
  };
}
