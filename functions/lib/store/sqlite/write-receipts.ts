import type { PendingStage, RollupStage } from '../port.ts';
import { dayMs as dayLengthMs } from '../retention.ts';
import type { EncodedRows } from '../rows.ts';
import { joinRuns } from './join-parts.ts';
import { createKnownParts, type KnownParts, type PartLimits, type PartReceipt } from './known-parts.ts';
import type { Layout } from './layout.ts';
import { decodeParts, partEncoder } from './parts.ts';
import { atOnce, type Connection, textBySize } from './statements.ts';
import type { OrderedRows } from './write-samples.ts';

/** Vehicles whose latest day is remembered; forgetting costs a look-up that finds nothing. */
const maxRemembered = 50_000;

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
  areThere(ids: readonly string[]): boolean;
  /** Nothing that a vehicle has in parts now is joined from now on. */
  keep(vehicleId: number): void;
  /** The vehicles of those of these receipts that carry a part. */
  withParts(ids: readonly string[]): number[];
  /** Those of these vehicles that have more in parts than they should. */
  excess(vehicleIds: readonly number[]): number[];
  /** Marks nothing for a receipt that is not there: one that was joined with others, or of another store. */
  mark(ids: readonly string[], marks: Marks): void;
  /** After days were dropped. */
  forgetDays(): void;
  /** After a rolled-back transaction. */
  forget(): void;
}

export interface Marks {
  pending?: PendingStage;
  rollup?: RollupStage;
  attempts?: number;
}

/** A row of the table as it is inserted. */
export interface NewReceipt {
  id: number;
  vehicleId: number;
  dayMs: number;
  fromMs: number;
  toMs: number;
  count: number;
  receivedMs: number;
  pending: number;
  rollup: number;
  joined: number;
  part: Uint8Array | null;
}

const columnNames = 'id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, joined, part';
const insertText = textBySize((size) => {
  const placeholders = `(${columnNames.split(', ').fill('?').join()})`;
  return `INSERT INTO receipt (${columnNames}) VALUES ${new Array(size).fill(placeholders).join()}`;
});
/** By the index of receipts that are pending, because all with a part are (schema.ts). */
const receipts = 'receipt INDEXED BY receiptPending';
const haveParts = 'pending > 0 AND part IS NOT NULL';

interface Known {
  lastId: number;
  parts: KnownParts;
}

export function receiptTable(connection: Connection, layout: Layout, limits: PartLimits): ReceiptTable {
  const { sql } = connection;
  /** Read when it is first needed, and again after a rolled-back transaction. */
  let known: Known | undefined;
  /** Of each vehicle the day that it was last known to have. */
  const days = new Map<number, number>();

  function state(): Known {
    known ??= { lastId: lastId(), parts: partsInFile() };
    return known;
  }

  /** SQLite keeps it, so that no id is ever given again: a dead letter may name a receipt that is long gone. */
  function lastId(): number {
    return (sql("SELECT seq FROM sqlite_sequence WHERE name = 'receipt'").get()?.seq as number | undefined) ?? 0;
  }

  /** Which of them are small is not known: they stay as they are. */
  function partsInFile(): KnownParts {
    const parts = createKnownParts(limits);
    const perDay = sql(`SELECT vehicleId, dayMs, sum(length(part)) AS bytes FROM ${receipts} WHERE ${haveParts}
      GROUP BY vehicleId, dayMs`);
    for (const { vehicleId, dayMs, bytes } of perDay.all()) {
      parts.addStored(vehicleId as number, dayMs as number, bytes as number);
    }
    return parts;
  }

  function rememberDay(vehicleId: number, dayMs: number): void {
    if (days.get(vehicleId) === dayMs) return;
    sql('INSERT OR IGNORE INTO day (vehicleId, dayMs) VALUES (?, ?)').run(vehicleId, dayMs);
    if (days.size >= maxRemembered) days.clear();
    days.set(vehicleId, dayMs);
  }

  function insertAll(all: readonly NewReceipt[]): void {
    for (const several of atOnce(all)) {
      const values: NewReceipt[keyof NewReceipt][] = [];
      for (const receipt of several) addValues(values, receipt);
      sql(insertText(several.length)).run(...values);
    }
  }

  function withParts(ids: readonly string[]): number[] {
    const of = sql('SELECT vehicleId FROM receipt WHERE id = ? AND part IS NOT NULL');
    const found = ids.map((id) => of.get(rowIdOf(id))?.vehicleId as number | undefined);
    return [...new Set(found)].filter((id) => id !== undefined);
  }

  /** So that a long outage leaves few receipts. */
  function joinRunsOf(current: Known): void {
    const runs = current.parts.takeRuns();
    if (runs.length === 0) return;
    const joined = joinRuns(connection, runs, () => ++current.lastId, layout);
    insertAll(joined);
    for (const receipt of joined) current.parts.add(receipt);
  }

  return {
    insert(ordered, receivedMs, pending, rows) {
      const covering: string[] = new Array(ordered.order.length);
      if (covering.length === 0) return covering;
      const current = state();
      // Before what comes now, whose receipts are named in the answers, and are the latest.
      joinRunsOf(current);
      const encoder = rows && partEncoder(rows, ordered, layout);
      const inserted: NewReceipt[] = [];
      for (let from = 0; from < ordered.order.length; ) {
        const { end, vehicleId, dayMs, fromMs, toMs } = stretchFrom(ordered, from);
        const part = encoder ? encoder.encode(from, end) : null;
        const [id, count] = [++current.lastId, end - from];
        const receipt = { id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup: 2, joined: 0, part };
        inserted.push(receipt);
        if (hasPart(receipt)) current.parts.add(receipt);
        rememberDay(vehicleId, dayMs);
        const covers = String(id);
        for (; from < end; from++) covering[ordered.order[from] as number] = covers;
      }
      insertAll(inserted);
      return covering;
    },
    takeParts(vehicleId) {
      const { parts } = state();
      if (!parts.has(vehicleId)) return undefined;
      const where = `${haveParts} AND vehicleId = ?`;
      const stored = sql(`SELECT part FROM ${receipts} WHERE ${where} ORDER BY id`).all(vehicleId);
      sql(`UPDATE ${receipts} SET part = NULL WHERE ${where}`).run(vehicleId);
      parts.remove(vehicleId);
      const blobs = stored.map(({ part }) => part as Uint8Array);
      return decodeParts(blobs, layout);
    },
    areThere(ids) {
      const find = sql('SELECT 1 FROM receipt WHERE id = ?');
      return ids.every((id) => find.get(rowIdOf(id)) !== undefined);
    },
    withParts,
    keep: (vehicleId) => state().parts.keep(vehicleId),
    excess: (vehicleIds) => state().parts.excess(vehicleIds),
    mark(ids, marks) {
      // Attempts are counted, so that who was driven again stays as it is.
      if (marks.attempts) for (const vehicleId of withParts(ids)) state().parts.keep(vehicleId);
      for (const [name, value] of Object.entries(marks)) {
        const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND ${name} <> ?`);
        for (const id of ids) statement.run(value, rowIdOf(id), value);
      }
    },
    forgetDays: () => days.clear(),
    forget() {
      known = undefined;
      days.clear();
    },
  };
}

/** In the order of the columns. */
function addValues(values: NewReceipt[keyof NewReceipt][], receipt: NewReceipt): void {
  const { id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, joined, part } = receipt;
  values.push(id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, joined, part);
}

function hasPart(receipt: NewReceipt): receipt is PartReceipt {
  return receipt.part !== null;
}

/** No receipt has the number 0. */
function rowIdOf(id: string): number {
  return /^\d+$/.test(id) ? Number(id) : 0;
}

/** The rows of one vehicle and day, from a place in the order on. */
function stretchFrom({ order, vehicleIds, timesMs }: OrderedRows, from: number) {
  const first = order[from] as number;
  const vehicleId = vehicleIds[first] as number;
  const fromMs = timesMs[first] as number;
  const dayMs = Math.floor(fromMs / dayLengthMs) * dayLengthMs;
  let end = from + 1;
  for (; end < order.length; end++) {
    const row = order[end] as number;
    if (vehicleIds[row] !== vehicleId || (timesMs[row] as number) >= dayMs + dayLengthMs) break;
  }
  return { vehicleId, dayMs, fromMs, toMs: timesMs[order[end - 1] as number] as number, end };
}
