import type { PendingStage, RollupStage } from '../port.ts';
import { dayMs as dayLengthMs } from '../retention.ts';
import type { Connection } from './statements.ts';
import type { OrderedRows } from './write-samples.ts';

/**
 * A receipt that nobody has touched for so long says that nothing is being derived (the broker is off, or far behind):
 * then new samples widen it instead of making one more each, and a long outage leaves as many receipts as vehicles, ms.
 */
const widenAfterMs = 1_000;
/** Vehicles and days remembered; forgetting costs a look-up that finds nothing. */
const maxRemembered = 50_000;

/** Receipts change when they are widened, so their id holds the count: what was listed before marks nothing then. */
export function receiptId(id: number, count: number): string {
  return `${id}.${count}`;
}

export interface ReceiptTable {
  /**
   * One receipt per vehicle and UTC day of the commit's rows.
   *
   * @returns for each row, by its number, the id of the receipt that covers it
   */
  insert(rows: OrderedRows, receivedMs: number, pending: PendingStage): string[];
  /** Whether these receipts still stand for what they stood for when they were listed; those that are gone do. */
  unchanged(ids: readonly string[]): boolean;
  mark(ids: readonly string[], marks: Marks): void;
  forget(): void;
}

export interface Marks {
  pending?: PendingStage;
  rollup?: RollupStage;
  attempts?: number;
}

interface Stretch {
  vehicleId: number;
  dayMs: number;
  fromMs: number;
  toMs: number;
  count: number;
}

export function receiptTable({ sql }: Connection): ReceiptTable {
  /** Of each vehicle the oldest receipt that may still be untouched. */
  const open = new Map<number, { id: number; dayMs: number; receivedMs: number }>();
  const days = new Set<string>();

  function write(
    { vehicleId, dayMs, fromMs, toMs, count }: Stretch,
    receivedMs: number,
    pending: PendingStage,
  ): string {
    const known = open.get(vehicleId);
    if (pending === 2 && known?.dayMs === dayMs && receivedMs - known.receivedMs >= widenAfterMs) {
      const widen = sql(`UPDATE receipt SET fromMs = min(fromMs, ?), toMs = max(toMs, ?), count = count + ?
        WHERE id = ? AND pending = 2 AND rollup = 2 AND attempts = 0 RETURNING count`);
      const widened = widen.get(fromMs, toMs, count, known.id);
      if (widened) return receiptId(known.id, widened.count as number);
      open.delete(vehicleId);
    }
    const insert = sql(`INSERT INTO receipt (vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup)
      VALUES (?, ?, ?, ?, ?, ?, ?, 2)`);
    const id = Number(insert.run(vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending).lastInsertRowid);
    if (pending === 2 && open.get(vehicleId)?.dayMs !== dayMs) {
      if (open.size >= maxRemembered) open.clear();
      open.set(vehicleId, { id, dayMs, receivedMs });
    }
    rememberDay(vehicleId, dayMs);
    return receiptId(id, count);
  }

  function rememberDay(vehicleId: number, dayMs: number): void {
    const key = `${vehicleId} ${dayMs}`;
    if (days.has(key)) return;
    sql('INSERT OR IGNORE INTO day (vehicleId, dayMs) VALUES (?, ?)').run(vehicleId, dayMs);
    if (days.size >= maxRemembered) days.clear();
    days.add(key);
  }

  return {
    insert(rows, receivedMs, pending) {
      const covering: string[] = new Array(rows.order.length);
      for (let from = 0; from < rows.order.length; ) {
        const { stretch, to } = stretchFrom(rows, from);
        const id = write(stretch, receivedMs, pending);
        for (; from < to; from++) covering[rows.order[from] as number] = id;
      }
      return covering;
    },
    unchanged(ids) {
      const stored = sql('SELECT vehicleId, count FROM receipt WHERE id = ?');
      return ids.every((text) => {
        const [id, count] = parse(text);
        const row = stored.get(id);
        if (row === undefined || row.count === count) return true;
        // Somebody is deriving it after all: what comes now gets a receipt of its own, or it would never be done.
        open.delete(row.vehicleId as number);
        return false;
      });
    },
    mark(ids, marks) {
      for (const [name, value] of Object.entries(marks)) {
        const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND count = ? AND ${name} <> ?`);
        for (const id of ids) statement.run(value, ...parse(id), value);
      }
    },
    forget() {
      open.clear();
      days.clear();
    },
  };
}

/** The rows of one vehicle and day, from a place in the order on. */
function stretchFrom({ order, vehicleIds, timesMs }: OrderedRows, from: number): { stretch: Stretch; to: number } {
  const first = order[from] as number;
  const vehicleId = vehicleIds[first] as number;
  const fromMs = timesMs[first] as number;
  const dayMs = Math.floor(fromMs / dayLengthMs) * dayLengthMs;
  let to = from + 1;
  for (; to < order.length; to++) {
    const row = order[to] as number;
    if (vehicleIds[row] !== vehicleId || (timesMs[row] as number) >= dayMs + dayLengthMs) break;
  }
  const toMs = timesMs[order[to - 1] as number] as number;
  return { stretch: { vehicleId, dayMs, fromMs, toMs, count: to - from }, to };
}

function parse(text: string): [id: number, count: number] {
  const [id = 0, count = 0] = text.split('.').map(Number);
  return [id, count];
}
