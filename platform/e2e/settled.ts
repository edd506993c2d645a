import type { StatusAnswer } from '../../functions/query/answers.ts';
import { ping, type Server, status } from './client.ts';
import { patience } from './influx-settings.ts';
import { eventually } from './program.ts';

/** Waits until every sample is enriched and in trips. */
export function settled(server: Server, withinMs = 15_000): Promise<void> {
  return untilStatus(server, 'receipts are pending', ({ receipts }) => receipts.pending === 0, withinMs);
}

/** Rolls both tiers up, and waits until it is done. */
export async function rolledUp(server: Server): Promise<void> {
  await ping(server, 'downsample-1m');
  await ping(server, 'downsample-5m');
  await untilStatus(server, 'receipts are not rolled up', ({ receipts }) => receipts.rollup === 0);
}

async function untilStatus(
  server: Server,
  what: string,
  done: (status: StatusAnswer) => boolean,
  withinMs = 15_000,
): Promise<void> {
  let last: StatusAnswer | undefined;
  await eventually(
    what,
    async () => {
      last = await status(server);
      return done(last) || undefined;
    },
    {
      withinMs: withinMs * patience,
      everyMs: 10 + 10 * patience,
      explain: () => `${JSON.stringify(last)} ${server.log()}`,
    },
  );
}
