import { DatabaseSync } from 'node:sqlite';
import { windowMs } from '../../rollups/rollup.ts';
import { columns, rollupColumns } from '../../telemetry/columns.ts';
import type { Sample, VehicleSamples } from '../../telemetry/sample.ts';
import { decodeRows } from '../row-decoder.ts';
import { createRowEncoder } from '../row-encoder.ts';
import { type PartLimits, partLimits } from '../sqlite/known-parts.ts';
import type { Layout } from '../sqlite/layout.ts';
import type { Answers } from '../sqlite/messages.ts';
import { createReads, type Reads } from '../sqlite/reads.ts';
import { migrate } from '../sqlite/schema.ts';
import { connection } from '../sqlite/statements.ts';
import { createWrites, type Writes } from '../sqlite/writes.ts';

export const layout: Layout = { columns, rollupColumns, windowMs };

/** The tables of the SQLite store in memory, written and read on the calling thread. */
export interface Tables {
  db: DatabaseSync;
  reads: Reads;
  /** Does it in one transaction; where it throws, in none. */
  commit<T>(work: (writes: Writes) => T): T;
  append(groups: readonly VehicleSamples[], receivedMs: number): Answers;
  /** As after closing and opening the file: nothing is known that does not stand in it. */
  reopen(): void;
  page(vehicle: string, fromMs: number, toMs: number, limit: number): Sample[];
  close(): void;
}

export function encode(groups: readonly VehicleSamples[]) {
  const encoder = createRowEncoder();
  const firstRows: number[] = [];
  for (const { vehicle, samples } of groups) {
    firstRows.push(encoder.count);
    for (const sample of samples) encoder.add(vehicle, sample);
  }
  return { rows: encoder.take(), firstRows };
}

export function openTables(limits: Partial<PartLimits> = {}, db = new DatabaseSync(':memory:')): Tables {
  migrate(db, layout);
  const reads = createReads(connection(db), layout);
  const open = () => createWrites(connection(db), layout, { ...partLimits, ...limits });
  let writes = open();

  function commit<T>(work: (writes: Writes) => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work(writes);
      db.exec('COMMIT');
      return result;
    } catch (cause) {
      db.exec('ROLLBACK');
      writes.forgetCaches();
      throw cause;
    }
  }

  return {
    db,
    reads,
    commit,
    append: (groups, receivedMs) => commit(({ append }) => append({ ...encode(groups), receivedMs })),
    reopen() {
      writes = open();
    },
    page: (vehicle, fromMs, toMs, limit) =>
      decodeRows(reads.samplePage({ vehicle, from: { timeMs: fromMs, device: '' }, toMs, limit })),
    close: () => db.close(),
  };
}
