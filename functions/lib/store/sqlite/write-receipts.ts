import type { PendingStage, RollupStage } from '../port.ts';
import { dayMs as dayLengthMs } from '../retention.ts';
import type { EncodedRows } from '../rows.ts';
import { Backlog, type Part } from './backlog.ts';
import type { Layout } from './layout.ts';
import { decodeParts, joinParts, partEncoder } from './parts.ts';
import { atOnce, type Connection } from './statements.ts';
import type { OrderedRows } from './write-samples.ts';

/** Days remembered; forgetting costs a look-up that finds nothing. */
const maxRemembered = 50_000;

/** Receipts change when they are joined, so their id holds the count: what was listed before marks nothing then. */
export function receiptId(id: number, count: number): string {
  return `${id}.${count}`;
}

export interface ReceiptTable {
  /**
   * One receipt per vehicle and UTC day of the commit's rows.
   *
   * @param rows what the receipts are to carry as parts; nothing where the samples are rows already
   * @returns for each row, by its number, the id of the receipt that covers it
   */
  insert(ordered: OrderedRows, receivedMs: number, pending: PendingStage, rows?: EncodedRows): string[];
  /** Takes the samples of a vehicle out of its parts, in the order they came; undefined where there are none. */
  takeParts(vehicleId: number): EncodedRows | undefined;
  /** The vehicles of these receipts that have parts. */
  withParts(ids: readonly string[]): number[];
  /** Whether a vehicle has more in parts than should be. */
  isFull(vehicleId: number): boolean;
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

const columnNames = 'id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, part';
const placeholders = `(${columnNames.split(', ').fill('?').join()})`;
/** By the index of receipts that are pending, because all with a part are. */
const receipts = 'receipt INDEXED BY receiptPending';
const haveParts = 'pending > 0 AND part IS NOT NULL';

export function receiptTable({ sql }: Connection, layout: Layout): ReceiptTable {
  /** Read off the table when it is first needed, and again after a rolled-back transaction. */
  let known: { backlog: Backlog; nextId: number } | undefined;
  const days = new Set<string>();

  function state(): NonNullable<typeof known> {
    if (known) return known;
    const backlog = new Backlog();
    const parts = sql(`SELECT id, vehicleId, dayMs, count FROM ${receipts} WHERE ${haveParts} ORDER BY id`).all();
    // Those that could have been joined before are left as they are.
    for (const part of parts as unknown as Part[]) backlog.add(part);
    known = { backlog, nextId: ((sql('SELECT max(id) AS id FROM receipt').get()?.id as number | null) ?? 0) + 1 };
    return known;
  }

  function rememberDay(vehicleId: number, dayMs: number): void {
    const key = `${vehicleId} ${dayMs}`;
    if (days.has(key)) return;
    sql('INSERT OR IGNORE INTO day (vehicleId, dayMs) VALUES (?, ?)').run(vehicleId, dayMs);
    if (days.size >= maxRemembered) days.clear();
    days.add(key);
  }

  /** Puts one receipt in the place of several, under the id of the latest. */
  function join(parts: Part[]): Part {
    const ids = parts.map(({ id }) => id);
    const among = `id IN (${ids.map(() => '?').join()})`;
    const blobs = sql(`SELECT part FROM receipt WHERE ${among} ORDER BY id`)
      .all(...ids)
      .map(blobOf);
    const last = { ...(parts.at(-1) as Part), count: parts.reduce((sum, { count }) => sum + count, 0) };
    sql(`UPDATE receipt SET (fromMs, toMs, count, receivedMs, part) =
      (SELECT min(fromMs), max(toMs), ?, min(receivedMs), ? FROM receipt WHERE ${among}) WHERE id = ?`).run(
      last.count,
      joinParts(blobs, layout),
      ...ids,
      last.id,
    );
    sql(`DELETE FROM receipt WHERE ${among} AND id <> ?`).run(...ids, last.id);
    return last;
  }

  function joinIfTime(backlog: Backlog, part: Part): void {
    const several = backlog.add(part);
    if (several.length === 0) return;
    const more = backlog.addJoined(join(several));
    if (more.length > 0) join(more);
  }

  return {
    insert(ordered, receivedMs, pending, rows) {
      const current = state();
      const covering: string[] = new Array(ordered.order.length);
      const values: (number | Uint8Array | null)[][] = [];
      const parts: Part[] = [];
      const encoder = rows && partEncoder(rows, ordered, layout);
      for (let from = 0; from < ordered.order.length; ) {
        const { stretch, to } = stretchFrom(ordered, from);
        const { vehicleId, dayMs, fromMs, toMs, count } = stretch;
        const id = current.nextId++;
        const part = encoder ? encoder.encode(from, to) : null;
        values.push([id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, 2, part]);
        if (part) parts.push({ id, vehicleId, dayMs, count });
        rememberDay(vehicleId, dayMs);
        const text = receiptId(id, count);
        for (; from < to; from++) covering[ordered.order[from] as number] = text;
      }
      for (const several of atOnce(values)) {
        const insert = sql(`INSERT INTO receipt (${columnNames}) VALUES ${several.map(() => placeholders).join()}`);
        insert.run(...several.flat());
      }
      for (const part of parts) joinIfTime(current.backlog, part);
      return covering;
    },
    takeParts(vehicleId) {
      const { backlog } = state();
      if (!backlog.has(vehicleId)) return undefined;
      const where = `${haveParts} AND vehicleId = ?`;
      const blobs = sql(`SELECT part FROM ${receipts} WHERE ${where} ORDER BY id`).all(vehicleId).map(blobOf);
      sql(`UPDATE ${receipts} SET part = NULL WHERE ${where}`).run(vehicleId);
      backlog.forget(vehicleId);
      return decodeParts(blobs, layout);
    },
    withParts(ids) {
      const { backlog } = state();
      const of = sql('SELECT vehicleId FROM receipt WHERE id = ?');
      const vehicleIds = ids.map((text) => of.get(parse(text)[0])?.vehicleId as number | undefined);
      return [...new Set(vehicleIds)].filter((id): id is number => id !== undefined && backlog.has(id));
    },
    isFull: (vehicleId) => state().backlog.isFull(vehicleId),
    unchanged(ids) {
      const stored = sql('SELECT vehicleId, count FROM receipt WHERE id = ?');
      return ids.every((text) => {
        const [id, count] = parse(text);
        const row = stored.get(id);
        if (row === undefined || row.count === count) return true;
        // Somebody is deriving it after all, and is to find the same again.
        state().backlog.leave(row.vehicleId as number);
        return false;
      });
    },
    mark(ids, marks) {
      // One that was driven again keeps its count of that.
      if (marks.attempts !== undefined) for (const id of this.withParts(ids)) state().backlog.leave(id);
      for (const [name, value] of Object.entries(marks)) {
        const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND count = ? AND ${name} <> ?`);
        for (const id of ids) statement.run(value, ...parse(id), value);
      }
    },
    forget() {
      known = undefined;
      days.clear();
    },
  };
}

const blobOf = ({ part }: Record<string, unknown>) => part as Uint8Array;

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
