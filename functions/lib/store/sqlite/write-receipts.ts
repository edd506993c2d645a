import type { PendingStage, RollupStage } from '../port.ts';
import { dayMs as dayLengthMs } from '../retention.ts';
import type { EncodedRows } from '../rows.ts';
import type { Layout } from './layout.ts';
import { decodeParts, joinParts, partEncoder } from './parts.ts';
import { atOnce, type Connection } from './statements.ts';
import type { OrderedRows } from './write-samples.ts';

/** Days remembered; forgetting costs a look-up that finds nothing. */
const maxRemembered = 50_000;
/** A part of fewer samples is joined with others of its vehicle and day when nobody derives from them. */
const smallBelow = 64;
/** So many small parts more, and so many more for each vehicle, say that nobody does (the broker is off, or far behind). */
const joinEvery = { parts: 1_024, perVehicle: 8 };
/** Samples of one vehicle in parts at most: to make rows of them takes a quarter of a second, which appends wait for. */
const maxInParts = 100_000;

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
  /** A receipt that was joined with others meanwhile is not there any more, and nothing is marked for it. */
  mark(ids: readonly string[], marks: Marks): void;
  forget(): void;
}

export interface Marks {
  pending?: PendingStage;
  rollup?: RollupStage;
  attempts?: number;
}

/** A receipt with its part. */
interface Part {
  id: number;
  vehicleId: number;
  dayMs: number;
  fromMs: number;
  toMs: number;
  count: number;
  receivedMs: number;
  attempts: number;
  part: Uint8Array;
}

/** What the writing thread, and it alone, knows of the table without asking. */
interface Known {
  nextId: number;
  /** Samples in parts, by vehicle. */
  samples: Map<number, number>;
  /** Where the parts begin that may still be joined, and how many small ones came since that was done last. */
  joinFrom: number;
  fresh: number;
}

const columnNames = 'id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup, part';
const placeholders = `(${columnNames.split(', ').fill('?').join()})`;
type Values = (number | Uint8Array | null)[];
/** By the index of receipts that are pending, because all with a part are (schema.ts). */
const receipts = 'receipt INDEXED BY receiptPending';
const haveParts = 'pending > 0 AND part IS NOT NULL';

export function receiptTable({ sql }: Connection, layout: Layout): ReceiptTable {
  /** Read when it is first needed, and again after a rolled-back transaction. */
  let known: Known | undefined;
  const days = new Set<string>();

  function state(): Known {
    if (known) return known;
    const nextId = ((sql('SELECT max(id) AS id FROM receipt').get()?.id as number | null) ?? 0) + 1;
    const sums = sql(`SELECT vehicleId, sum(count) AS count FROM ${receipts} WHERE ${haveParts} GROUP BY vehicleId`);
    const samples = new Map(sums.all().map(({ vehicleId, count }) => [vehicleId as number, count as number]));
    known = { nextId, samples, joinFrom: nextId, fresh: 0 };
    return known;
  }

  function rememberDay(vehicleId: number, dayMs: number): void {
    const key = `${vehicleId} ${dayMs}`;
    if (days.has(key)) return;
    sql('INSERT OR IGNORE INTO day (vehicleId, dayMs) VALUES (?, ?)').run(vehicleId, dayMs);
    if (days.size >= maxRemembered) days.clear();
    days.add(key);
  }

  function insertAll(rows: Values[]): void {
    for (const several of atOnce(rows)) {
      const insert = sql(`INSERT INTO receipt (${columnNames}) VALUES ${several.map(() => placeholders).join()}`);
      insert.run(...several.flat());
    }
  }

  /** Puts one receipt in the place of several small ones of a vehicle and day, so that a long outage leaves few. */
  function joinSmall(current: Known): void {
    const runs = [...smallRuns(current.joinFrom)];
    const several = runs.filter((run) => run.length > 1);
    for (const gone of atOnce(several.flat())) {
      sql(`DELETE FROM receipt WHERE id IN (${gone.map(() => '?').join()})`).run(...gone.map(({ id }) => id));
    }
    current.joinFrom = Math.min(current.nextId, ...runs.filter((run) => run.length === 1).map(([one]) => one.id));
    insertAll(several.map((run) => [current.nextId++, ...joined(run)]));
    current.fresh = 0;
  }

  /** Small parts of a vehicle and day that follow each other up to the latest of its parts. */
  function smallRuns(fromId: number): Iterable<Run> {
    const parts = sql(`SELECT id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, attempts, part FROM receipt
      WHERE id >= ? AND part IS NOT NULL ORDER BY id`);
    const runs = new Map<string, Run>();
    for (const part of parts.all(fromId) as unknown as Part[]) {
      const key = `${part.vehicleId} ${part.dayMs}`;
      // What came before one that stays may not come after it: of samples under one identity the later one wins.
      if (part.count >= smallBelow || part.attempts > 0) runs.delete(key);
      else if (!runs.get(key)?.push(part)) runs.set(key, [part]);
    }
    return runs.values();
  }

  function joined(run: Run): Values {
    const [{ vehicleId, dayMs }] = run;
    const [fromMs, toMs] = [Math.min(...run.map((one) => one.fromMs)), Math.max(...run.map((one) => one.toMs))];
    const receivedMs = Math.min(...run.map((one) => one.receivedMs));
    const count = run.reduce((sum, one) => sum + one.count, 0);
    const part = joinParts(
      run.map((one) => one.part),
      layout,
    );
    return [vehicleId, dayMs, fromMs, toMs, count, receivedMs, 2, 2, part];
  }

  return {
    insert(ordered, receivedMs, pending, rows) {
      const current = state();
      const covering: string[] = new Array(ordered.order.length);
      const values: Values[] = [];
      const encoder = rows && partEncoder(rows, ordered, layout);
      for (let from = 0; from < ordered.order.length; ) {
        const { vehicleId, dayMs, fromMs, toMs, end } = stretchFrom(ordered, from);
        const [id, count] = [current.nextId++, end - from];
        const part = encoder ? encoder.encode(from, end) : null;
        values.push([id, vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, 2, part]);
        if (part) {
          current.samples.set(vehicleId, (current.samples.get(vehicleId) ?? 0) + count);
          if (count < smallBelow) current.fresh++;
        }
        rememberDay(vehicleId, dayMs);
        for (; from < end; from++) covering[ordered.order[from] as number] = String(id);
      }
      insertAll(values);
      if (current.fresh >= Math.max(joinEvery.parts, joinEvery.perVehicle * current.samples.size)) joinSmall(current);
      return covering;
    },
    takeParts(vehicleId) {
      const current = state();
      if (!current.samples.has(vehicleId)) return undefined;
      const where = `${haveParts} AND vehicleId = ?`;
      const blobs = sql(`SELECT part FROM ${receipts} WHERE ${where} ORDER BY id`).all(vehicleId);
      sql(`UPDATE ${receipts} SET part = NULL WHERE ${where}`).run(vehicleId);
      current.samples.delete(vehicleId);
      current.fresh = Math.max(0, current.fresh - blobs.length);
      return decodeParts(
        blobs.map(({ part }) => part as Uint8Array),
        layout,
      );
    },
    withParts(ids) {
      const { samples } = state();
      if (samples.size === 0) return [];
      const of = sql('SELECT vehicleId FROM receipt WHERE id = ?');
      const vehicleIds = ids.map((id) => of.get(Number(id))?.vehicleId as number | undefined);
      return [...new Set(vehicleIds)].filter((id): id is number => id !== undefined && samples.has(id));
    },
    isFull: (vehicleId) => (state().samples.get(vehicleId) ?? 0) > maxInParts,
    mark(ids, marks) {
      for (const [name, value] of Object.entries(marks)) {
        const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND ${name} <> ?`);
        for (const id of ids) statement.run(value, Number(id), value);
      }
    },
    forget() {
      known = undefined;
      days.clear();
    },
  };
}

type Run = [Part, ...Part[]];

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
