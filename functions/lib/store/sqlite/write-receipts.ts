import type { PendingStage, RollupStage } from '../port.ts';
import { dayLengthMs } from './layout.ts';
import type { Connection } from './statements.ts';
import type { OrderedRows } from './write-samples.ts';

/**
 * One receipt per vehicle and UTC day of the commit's rows.
 *
 * @returns for each row, by its number, the id of the receipt that covers it
 */
export function insertReceipts(
  { sql }: Connection,
  { order, vehicleIds, timesMs }: OrderedRows,
  receivedMs: number,
  pending: PendingStage,
): number[] {
  const insert = sql(`INSERT INTO receipt (vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup)
    VALUES (?, ?, ?, ?, ?, ?, ?, 2)`);
  const covering: number[] = new Array(order.length);
  let from = 0;
  while (from < order.length) {
    const first = order[from] as number;
    const vehicleId = vehicleIds[first] as number;
    const fromMs = timesMs[first] as number;
    const dayMs = Math.floor(fromMs / dayLengthMs) * dayLengthMs;
    let last = first;
    let to = from + 1;
    for (; to < order.length; to++) {
      const row = order[to] as number;
      if (vehicleIds[row] !== vehicleId || (timesMs[row] as number) >= dayMs + dayLengthMs) break;
      last = row;
    }
    const done = insert.run(vehicleId, dayMs, fromMs, timesMs[last] as number, to - from, receivedMs, pending);
    for (let place = from; place < to; place++) covering[order[place] as number] = Number(done.lastInsertRowid);
    from = to;
  }
  return covering;
}

export interface Marks {
  pending?: PendingStage;
  rollup?: RollupStage;
  attempts?: number;
}

export function markReceipts({ sql }: Connection, ids: readonly string[], marks: Marks): void {
  for (const [name, value] of Object.entries(marks)) {
    const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND ${name} <> ?`);
    for (const id of ids) statement.run(value, Number(id), value);
  }
}
