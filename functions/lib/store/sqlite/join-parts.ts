import type { Layout } from './layout.ts';
import { joinParts } from './parts.ts';
import type { Connection } from './statements.ts';
import type { NewReceipt } from './write-receipts.ts';

/** A receipt with its part, as it stands in the file. */
export type StoredPart = NewReceipt & { attempts: number };

/** Joins small parts of one vehicle and day: one receipt takes the place of several. */
export interface Joins {
  /**
   * Of these receipts, by their ids, those that may be joined, in their order. One that was driven again stays as it is,
   * because its attempts are counted, and what came before it may not come after it.
   */
  read(ids: readonly number[]): StoredPart[];
  /** Removes them, and answers the one to be inserted for them. */
  join(run: readonly StoredPart[], id: number): NewReceipt;
}

export function createJoins({ sql }: Connection, layout: Layout): Joins {
  // A list of any length is one value of one statement.
  const listed = 'id IN (SELECT value FROM json_each(?))';

  return {
    read(ids) {
      const stored = sql(`SELECT * FROM receipt WHERE ${listed} AND part IS NOT NULL ORDER BY id`);
      const parts = stored.all(JSON.stringify(ids)) as unknown as StoredPart[];
      return parts.slice(parts.findLastIndex(({ attempts }) => attempts > 0) + 1);
    },
    join(run, id) {
      sql(`DELETE FROM receipt WHERE ${listed}`).run(JSON.stringify(run.map((one) => one.id)));
      const blobs = run.map(({ part }) => part as Uint8Array);
      const part = joinParts(blobs, layout);
      const joined: NewReceipt = { ...(run[0] as StoredPart), id, rollup: 2, joined: 1, part };
      for (const { fromMs, toMs, count, receivedMs } of run.slice(1)) {
        joined.fromMs = Math.min(joined.fromMs, fromMs);
        joined.toMs = Math.max(joined.toMs, toMs);
        joined.receivedMs = Math.min(joined.receivedMs, receivedMs);
        joined.count += count;
      }
      return joined;
    },
  };
}
