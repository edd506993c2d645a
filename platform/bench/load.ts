import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadFailure, LoadOrder, LoadResult } from './load-order.ts';

/** The load generator, seen from the bench. */
export interface Load {
  /** Carries out an order, one at a time. Rejects when any request was not answered 202. */
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL('./load-generator.ts', import.meta.url)));
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`the load generator ended with code ${code}`));
        child.once('exit', ended);
        child.once('message', (answer: LoadResult | LoadFailure) => {
          child.off('exit', ended);
          if ('failed' in answer) reject(new Error(`load: ${answer.failed}`));
          else resolve(answer);
        });
        child.send(order);
      }),
    stop: () => child.disconnect(),
  };
}
