import type { RollupTier } from '../../rollups/rollup.ts';
import { mayHoldErased, vehicleOf } from '../erasure.ts';
import type {
  Alert,
  DeadLetter,
  DerivedAlerts,
  Erased,
  Guard,
  Guards,
  SealKind,
  StoredTrip,
  VehicleDay,
} from '../port.ts';
import type { EncodedRows } from '../rows.ts';
import { createConflicts } from './conflicts.ts';
import { type Expired, expire, type Floors } from './expire.ts';
import { type PartLimits, partLimits } from './known-parts.ts';
import { type Layout, rollupTable } from './layout.ts';
import type { Answers, AppendInput } from './messages.ts';
import { createRecentChanges } from './recent-changes.ts';
import { createRollUp } from './rollups.ts';
import { schemaVersion } from './schema.ts';
import type { Connection } from './statements.ts';
import { tombstoneTable, withoutRefused } from './tombstones.ts';
import { parseVersion, vehicleTable, versionOf } from './vehicle-ids.ts';
import { type Marks, receiptTable } from './write-receipts.ts';
import { bumpVersions, insertRows, orderRows } from './write-samples.ts';

/** What the writing thread does, each inside a commit group's transaction. */
export function createWrites(connection: Connection, layout: Layout, limits: PartLimits = partLimits) {
  const { sql } = connection;
  const vehicles = vehicleTable(connection);
  const rollUp = createRollUp(connection, layout);

  const changes = createRecentChanges();
  const receipts = receiptTable(connection, layout, limits);
  const tombstones = tombstoneTable(connection);
  const conflicts = createConflicts(connection);

  /** Whether nothing has been written that the guards are about. */
  function holds(guards: Guards): boolean {
    return [guards].flat().every(({ vehicle, version, of, range }: Guard) => {
      const [then, now] = [parseVersion(version), versionOf(connection, vehicle)];
      if (then.id !== now.id) return false;
      if (then[of] === now[of]) return true;
      return of === 'samples' && range !== undefined && changes.allOutside(now.id, then.samples, now.samples, range);
    });
  }

  function bump(column: 'tripsVersion' | 'codesVersion', guards: Guards): void {
    const raise = sql(`UPDATE vehicle SET ${column} = ${column} + 1 WHERE name = ?`);
    for (const vehicle of new Set([guards].flat().map((guard: Guard) => guard.vehicle))) raise.run(vehicle);
  }

  function replaceAlerts({ range, alerts }: DerivedAlerts): Alert[] {
    const { vehicle, origin, fromMs, toMs } = range;
    const vehicleId = vehicles.find(vehicle);
    // Erased meanwhile: an event that was under way brings nothing back.
    if (vehicleId === undefined) return [];
    const where = 'vehicleId = ? AND origin = ? AND timeMs BETWEEN ? AND ?';
    const key = ({ timeMs, kind, detail }: { timeMs?: unknown; kind?: unknown; detail?: unknown }) =>
      `${timeMs} ${kind} ${detail}`;
    const stored = sql(`SELECT timeMs, kind, detail FROM alert WHERE ${where}`);
    const before = new Set(stored.all(vehicleId, origin, fromMs, toMs).map(key));
    sql(`DELETE FROM alert WHERE ${where}`).run(vehicleId, origin, fromMs, toMs);
    const insert = sql('INSERT OR REPLACE INTO alert (vehicleId, timeMs, origin, kind, detail) VALUES (?, ?, ?, ?, ?)');
    for (const { timeMs, kind, detail } of alerts) insert.run(vehicleId, timeMs, origin, kind, detail);
    if (origin === 'codes') bump('codesVersion', { vehicle, version: '', of: 'codes' });
    return alerts.filter((alert) => !before.has(key(alert)));
  }

  const codesAt = layout.columns.findIndex(({ name }) => name === 'codesStored');
  /** They are found by an index, so that they must be in rows; clients report none. */
  const hasCodes = ({ shapes }: EncodedRows) => shapes.some((fields) => fields.includes(codesAt));

  /** Makes rows of what a vehicle has in parts. */
  function unpack(vehicleId: number): void {
    const rows = receipts.takeParts(vehicleId);
    if (!rows) return;
    const ordered = orderRows(rows, () => vehicleId);
    insertRows(connection, layout, rows, ordered, conflicts);
  }

  /** A receipt that is past its first stage carries no part (schema.ts). */
  function mark(ids: readonly string[], marks: Marks): void {
    if (marks.pending !== undefined) for (const vehicleId of receipts.withParts(ids)) unpack(vehicleId);
    receipts.mark(ids, marks);
  }

  return {
    /** Answers, for each append, the receipt that covers its first row, or the tombstones that it ran into. */
    append({ rows, firstRows, receivedMs }: AppendInput): Answers {
      const refusals = tombstones.refusals(rows, firstRows);
      const kept = refusals ? withoutRefused(rows, firstRows, refusals) : { rows, firstRows };
      const ordered = orderRows(kept.rows, vehicles.idOf);
      const vehicleIds = bumpVersions(connection, ordered, changes);
      const covering = receipts.insert(ordered, receivedMs, 2, kept.rows);
      for (const id of hasCodes(kept.rows) ? vehicleIds : receipts.excess(vehicleIds)) unpack(id);
      const ids = kept.firstRows.map((row) => covering[row] as string);
      return refusals ? refusals.map((refusal) => refusal ?? (ids.shift() as string)) : ids;
    },

    amend(input: {
      rows: EncodedRows;
      receiptIds: readonly string[];
      guard: Guards;
      receivedMs: number;
      alerts: DerivedAlerts | undefined;
    }): Alert[] | null {
      if (!holds(input.guard)) return null;
      if (tombstones.refusals(input.rows, [0])) return null;
      if (!receipts.areThere(input.receiptIds)) {
        // They were joined with others meanwhile, which must not happen again and again.
        for (const { vehicle } of [input.guard].flat()) receipts.keep(vehicles.find(vehicle) ?? 0);
        return null;
      }
      const ordered = orderRows(input.rows, vehicles.idOf);
      for (const name of input.rows.vehicles) unpack(vehicles.idOf(name));
      insertRows(connection, layout, input.rows, ordered);
      bumpVersions(connection, ordered, changes);
      if (input.receiptIds.length > 0) mark(input.receiptIds, { pending: 1 });
      else receipts.insert(ordered, input.receivedMs, 1);
      return input.alerts ? replaceAlerts(input.alerts) : [];
    },

    markReceipts({ ids, marks }: { ids: readonly string[]; marks: Marks }): void {
      mark(ids, marks);
    },

    seal({ kind, day, differences }: { kind: SealKind; day: VehicleDay; differences: number }): void {
      const id = vehicles.find(day.vehicle);
      if (id === undefined) return;
      sql(`INSERT INTO day (vehicleId, dayMs, ${kind}Sealed) VALUES (?1, ?2, ?3)
        ON CONFLICT (vehicleId, dayMs) DO UPDATE SET ${kind}Sealed = ?3`).run(id, day.dayMs, differences);
    },

    writeTrips(input: {
      trips: readonly StoredTrip[];
      receiptIds: readonly string[];
      guard: Guards;
      alerts: DerivedAlerts | undefined;
    }): Alert[] | null {
      if (!holds(input.guard)) return null;
      const insert = sql(`INSERT OR REPLACE INTO trip (id, vehicleId, startMs, endMs, status, dueMs, body)
        VALUES (?, ?, ?, ?, ?, ?, ?)`);
      for (const trip of input.trips) {
        const [startMs, endMs] = [Date.parse(trip.startedAt), Date.parse(trip.endedAt)];
        insert.run(trip.id, vehicles.idOf(trip.vehicle), startMs, endMs, trip.status, trip.dueMs, JSON.stringify(trip));
      }
      // Whoever only marks has seen the samples too, and stands against one that read before them.
      bump('tripsVersion', input.guard);
      mark(input.receiptIds, { pending: 0 });
      return input.alerts ? replaceAlerts(input.alerts) : [];
    },

    rollUp({ tier, vehicle, fromMs, toMs }: { tier: RollupTier; vehicle: string; fromMs: number; toMs: number }) {
      const id = vehicles.find(vehicle);
      if (id === undefined) return { rows: 0, changed: 0 };
      unpack(id);
      return rollUp(tier, id, fromMs, toMs);
    },

    expire(floors: Floors): Expired {
      const expired = expire(connection, layout, floors);
      receipts.forgetDays();
      return expired;
    },

    putDeadLetter(input: {
      id: string;
      letter: Pick<DeadLetter, 'event' | 'destination' | 'code' | 'reason'>;
      nowMs: number;
    }): boolean {
      const { event, destination, code, reason } = input.letter;
      const vehicle = vehicleOf(event);
      const untilMs = vehicle === undefined ? undefined : tombstones.untilMs(vehicle);
      if (untilMs !== undefined && mayHoldErased(event, untilMs)) return false;
      sql(`INSERT INTO deadLetter (id, event, vehicle, destination, code, reason, firstMs, lastMs, count)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1)
        ON CONFLICT (id) DO UPDATE SET code = excluded.code, reason = excluded.reason, lastMs = excluded.lastMs,
          count = count + 1, replayedMs = NULL`).run(
        input.id,
        JSON.stringify(event),
        vehicle ?? null,
        destination,
        code,
        reason,
        input.nowMs,
      );
      return true;
    },

    markReplayed({ id, nowMs }: { id: string; nowMs: number }): void {
      sql('UPDATE deadLetter SET replayedMs = ? WHERE id = ? AND lastMs < ?').run(nowMs, id, nowMs);
    },

    eraseVehicle({ vehicle, nowMs }: { vehicle: string; nowMs: number | null }): Erased {
      sql('DELETE FROM deadLetter WHERE vehicle = ?').run(vehicle);
      const id = vehicles.find(vehicle);
      if (id !== undefined) unpack(id);
      const newest = sql('SELECT max(timeMs) AS timeMs FROM sample WHERE vehicleId = ?').get(id ?? -1);
      const newestMs = (newest?.timeMs as number | null | undefined) ?? -Infinity;
      const untilMs = tombstones.set(vehicle, nowMs === null ? null : Math.max(nowMs, newestMs));
      if (id === undefined) return { samples: 0, untilMs };
      const { changes: samples } = sql('DELETE FROM sample WHERE vehicleId = ?').run(id);
      for (const table of ['receipt', 'day', 'trip', 'alert', rollupTable['1m'], rollupTable['5m']]) {
        sql(`DELETE FROM ${table} WHERE vehicleId = ?`).run(id);
      }
      sql('DELETE FROM vehicle WHERE id = ?').run(id);
      vehicles.forget();
      return { samples: Number(samples), untilMs };
    },

    /** A real write (of the file's header) that changes nothing, so that a full or read-only disk shows. */
    probe(): void {
      connection.db.exec(`PRAGMA user_version = ${schemaVersion}`);
    },

    /** Samples, since this was asked last, that were there already with another value: seen when rows are made of parts. */
    takeMerged: () => conflicts.take(),

    /** After a rolled-back transaction. */
    forgetCaches(): void {
      changes.forget();
      conflicts.take();
      receipts.forget();
      tombstones.forget();
      vehicles.forget();
    },
  };
}

export type Writes = ReturnType<typeof createWrites>;
