import { Connection } from './connection.ts';
import type { LoadFailure, LoadOrder, LoadResult } from './load-order.ts';
import { requestHead, requestOf } from './requests.ts';
import { quantile } from './statistics.ts';

/** A process of its own, so that what it costs is not counted: takes one order after the other over IPC. */
process.on('disconnect', () => process.exit(0));
process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send?.(result satisfies LoadResult),
    (error: Error) => process.send?.({ failed: error.message } satisfies LoadFailure),
  );
});

async function run(order: LoadOrder): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: order.connections }, () => Connection.open(order.port)));
  const head = requestHead(order.port, order.token);
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + (order.forMs ?? Infinity);
  const last = order.first + (order.requests ?? Infinity);
  let next = order.first;

  async function sendAll(connection: Connection): Promise<void> {
    while (next < last && performance.now() < endsAt) {
      const number = next++;
      await due(number);
      const sentAt = performance.now();
      const status = await connection.send(requestOf(order, number, head));
      if (status !== 202) throw new Error(`a request was answered ${status}`);
      latenciesMs.push(performance.now() - sentAt);
    }
  }

  /** With a rate, the time at which the request is to go out, be the answers late or not. */
  async function due(number: number): Promise<void> {
    if (order.requestsPerS === undefined) return;
    const waitMs = startedAt + ((number - order.first) * 1_000) / order.requestsPerS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  try {
    await Promise.all(connections.map(sendAll));
  } finally {
    for (const connection of connections) connection.close();
  }
  return {
    acked: latenciesMs.length,
    elapsedMs: performance.now() - startedAt,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}
