import { StoreUnavailable } from '../port.ts';

/** Runs at most so many things at a time; those that wait are bounded, too. */
export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(atOnce: number, maxWaiting: number): Slots {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (running >= atOnce) {
        if (waiting.length >= maxWaiting) throw new StoreUnavailable('the store is busy', { retryAfterS: 1 });
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running++;
      try {
        return await work();
      } finally {
        // The slot goes to the next without becoming free in between.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}

/** One thing at a time under a key; what comes meanwhile waits. */
export interface Locks {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const done = (tails.get(key) ?? Promise.resolve()).then(work);
      const tail = done.catch(() => {});
      tails.set(key, tail);
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      return done;
    },
  };
}
