import { type RollupTier, windowMs } from '../../rollups/rollup.ts';
import type { Alert, AlertOrigin, DeadLetter, PendingStage, RollupStage, SealKind, StoredTrip, VehicleDay } from '../port.ts';
import type { EncodedRows } from '../rows.ts';
import { rollUp } from './rollups.ts';
import { rollupTable, schemaVersion } from './schema.ts';
import type { Connection } from './statements.ts';
import { insertReceipts, insertRows, type VehicleIds } from './write-samples.ts';

/** Rows that one expiry statement removes at most, so that appends wait milliseconds behind it. */
const expiryChunkRows = 5_000;

/** What the writing thread does, each inside a commit group's transaction. */
export function createWrites(connection: Connection) {
  const { sql } = connection;
  const vehicles = createVehicleIds(connection);

  function markReceipts(
    ids: readonly string[],
    marks: { pending?: PendingStage; rollup?: RollupStage; attempts?: number },
  ): void {
    for (const [name, value] of Object.entries(marks)) {
      const statement = sql(`UPDATE receipt SET ${name} = ? WHERE id = ? AND ${name} <> ?`);
      for (const id of ids) statement.run(value, Number(id), value);
    }
  }

  return {
    /** Answers, for each row in order of arrival, the receipt that covers it. */
    append({ rows, receivedMs }: { rows: EncodedRows; receivedMs: number }): number[] {
      return insertReceipts(connection, insertRows(connection, vehicles.idOf, rows), receivedMs, 2);
    },

    amend({ rows, receiptIds, receivedMs }: { rows: EncodedRows; receiptIds: readonly string[]; receivedMs: number }): void {
      const ordered = insertRows(connection, vehicles.idOf, rows);
      if (receiptIds.length > 0) markReceipts(receiptIds, { pending: 1 });
      else insertReceipts(connection, ordered, receivedMs, 1);
    },

    markReceipts({ ids, marks }: { ids: readonly string[]; marks: Parameters<typeof markReceipts>[1] }): void {
      markReceipts(ids, marks);
    },

    seal({ kind, day, differences }: { kind: SealKind; day: VehicleDay; differences: number }): void {
      sql('INSERT OR REPLACE INTO seal (vehicleId, dayMs, kind, differences) VALUES (?, ?, ?, ?)').run(
        vehicles.idOf(day.vehicle),
        day.dayMs,
        kind,
        differences,
      );
    },

    writeTrips({ trips, receiptIds }: { trips: readonly StoredTrip[]; receiptIds: readonly string[] }): void {
      const insert = sql(`INSERT OR REPLACE INTO trip (id, vehicleId, startMs, endMs, status, dueMs, body)
        VALUES (?, ?, ?, ?, ?, ?, ?)`);
      for (const trip of trips) {
        insert.run(
          trip.id,
          vehicles.idOf(trip.vehicle),
          Date.parse(trip.startedAt),
          Date.parse(trip.endedAt),
          trip.status,
          trip.dueMs,
          JSON.stringify(trip),
        );
      }
      markReceipts(receiptIds, { pending: 0 });
    },

    rollUp({ tier, vehicle, fromMs, toMs }: { tier: RollupTier; vehicle: string; fromMs: number; toMs: number }) {
      return rollUp(connection, tier, vehicles.idOf(vehicle), fromMs, toMs);
    },

    /** Drops at most a chunk of each kind; the caller repeats until nothing more goes. */
    expire({ rawFloorMs, oneMinuteFloorMs }: { rawFloorMs: number; oneMinuteFloorMs: number }) {
      return expire(connection, rawFloorMs, oneMinuteFloorMs);
    },

    replaceAlerts(range: {
      vehicle: string;
      origin: AlertOrigin;
      fromMs: number;
      toMs: number;
      alerts: readonly Alert[];
    }): Alert[] {
      const vehicleId = vehicles.idOf(range.vehicle);
      const where = 'vehicleId = ? AND origin = ? AND timeMs BETWEEN ? AND ?';
      const key = ({ timeMs, kind, detail }: { timeMs?: unknown; kind?: unknown; detail?: unknown }) =>
        `${timeMs} ${kind} ${detail}`;
      const before = new Set(
        sql(`SELECT timeMs, kind, detail FROM alert WHERE ${where}`)
          .all(vehicleId, range.origin, range.fromMs, range.toMs)
          .map(key),
      );
      sql(`DELETE FROM alert WHERE ${where}`).run(vehicleId, range.origin, range.fromMs, range.toMs);
      const insert = sql('INSERT OR REPLACE INTO alert (vehicleId, timeMs, origin, kind, detail) VALUES (?, ?, ?, ?, ?)');
      for (const alert of range.alerts) insert.run(vehicleId, alert.timeMs, range.origin, alert.kind, alert.detail);
      return range.alerts.filter((alert) => !before.has(key(alert)));
    },

    putDeadLetter({
      id,
      letter,
      nowMs,
    }: {
      id: string;
      letter: Pick<DeadLetter, 'event' | 'destination' | 'code' | 'reason'>;
      nowMs: number;
    }): void {
      sql(`INSERT INTO deadLetter (id, event, vehicle, destination, code, reason, firstMs, lastMs, count)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT (id) DO UPDATE SET code = excluded.code, reason = excluded.reason, lastMs = excluded.lastMs,
          count = count + 1, replayedMs = NULL`).run(
        id,
        JSON.stringify(letter.event),
        letter.event.subject ?? null,
        letter.destination,
        letter.code,
        letter.reason,
        nowMs,
        nowMs,
      );
    },

    markReplayed({ id, nowMs }: { id: string; nowMs: number }): void {
      sql('UPDATE deadLetter SET replayedMs = ? WHERE id = ?').run(nowMs, id);
    },

    eraseVehicle({ vehicle }: { vehicle: string }): number {
      const id = vehicles.find(vehicle);
      sql('DELETE FROM deadLetter WHERE vehicle = ?').run(vehicle);
      if (id === undefined) return 0;
      const { changes } = sql('DELETE FROM sample WHERE vehicleId = ?').run(id);
      for (const table of ['receipt', 'seal', 'trip', 'alert', rollupTable['1m'], rollupTable['5m']]) {
        sql(`DELETE FROM ${table} WHERE vehicleId = ?`).run(id);
      }
      sql('DELETE FROM vehicle WHERE id = ?').run(id);
      vehicles.forget();
      return Number(changes);
    },

    /** A real write (of the file's header) that changes nothing, so that a full or read-only disk shows. */
    probe(): void {
      connection.db.exec(`PRAGMA user_version = ${schemaVersion}`);
    },

    /** After a rolled-back transaction: ids that were given out in it are not there. */
    forgetCaches(): void {
      vehicles.forget();
    },
  };
}

export type Writes = ReturnType<typeof createWrites>;

function createVehicleIds({ sql }: Connection): { idOf: VehicleIds; find(name: string): number | undefined; forget(): void } {
  const cache = new Map<string, number>();
  const find = (name: string): number | undefined =>
    cache.get(name) ?? (sql('SELECT id FROM vehicle WHERE name = ?').get(name)?.id as number | undefined);
  return {
    find,
    idOf(name) {
      const known = find(name) ?? Number(sql('INSERT INTO vehicle (name) VALUES (?)').run(name).lastInsertRowid);
      // Bounds the memory of a fleet with ever new names; a miss costs one indexed look-up.
      if (cache.size >= 50_000) cache.clear();
      cache.set(name, known);
      return known;
    },
    forget: () => cache.clear(),
  };
}

/** Whole UTC days go at once, so that no sample is ever there without its receipt and its seals. */
function expire({ sql }: Connection, rawFloorMs: number, oneMinuteFloorMs: number) {
  const floors = sql(`SELECT v.id, coalesce((
      SELECT min(r.dayMs) FROM receipt AS r WHERE r.vehicleId = v.id AND r.dayMs < $floor AND (r.pending > 0 OR r.rollup > 0
        OR (SELECT count(*) FROM seal WHERE seal.vehicleId = r.vehicleId AND seal.dayMs = r.dayMs) < 2)
    ), $floor) AS floorMs FROM vehicle AS v`).all({ floor: rawFloorMs }) as { id: number; floorMs: number }[];
  let samples = 0;
  for (const { id, floorMs } of floors) {
    const chunkEnd = sql('SELECT timeMs FROM sample WHERE vehicleId = ? AND timeMs < ? ORDER BY timeMs LIMIT 1 OFFSET ?').get(
      id,
      floorMs,
      expiryChunkRows,
    )?.timeMs as number | undefined;
    samples += Number(sql('DELETE FROM sample WHERE vehicleId = ? AND timeMs < ?').run(id, chunkEnd ?? floorMs).changes);
    if (chunkEnd === undefined) {
      sql('DELETE FROM receipt WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
      sql('DELETE FROM seal WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
    }
    if (samples >= expiryChunkRows) break;
  }
  const { changes } = sql(`DELETE FROM ${rollupTable['1m']} WHERE (vehicleId, startMs) IN (
    SELECT m.vehicleId, m.startMs FROM ${rollupTable['1m']} AS m
    WHERE m.startMs < ? AND EXISTS (
      SELECT 1 FROM ${rollupTable['5m']} AS f
      WHERE f.vehicleId = m.vehicleId AND f.startMs = m.startMs / ${windowMs['5m']} * ${windowMs['5m']}
    ) LIMIT ?)`).run(oneMinuteFloorMs, expiryChunkRows);
  return { samples, oneMinuteRows: Number(changes) };
}
