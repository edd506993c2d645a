import { dayMs as dayLengthMs, maxDeadLetters } from '../retention.ts';
import { type Layout, rollupTable } from './layout.ts';
import type { Connection } from './statements.ts';

/** Rows that one expiry statement removes at most, so that appends wait milliseconds behind it. */
const chunkRows = 5_000;

export interface Floors {
  rawFloorMs: number;
  oneMinuteFloorMs: number;
}

export interface Expired {
  samples: number;
  oneMinuteRows: number;
}

/** Drops about a chunk of each kind at most; the caller repeats until nothing more goes. */
export function expire(connection: Connection, { windowMs }: Layout, floors: Floors): Expired {
  const rawFloorMs = aligned(floors.rawFloorMs, dayLengthMs);
  const oneMinuteFloorMs = aligned(floors.oneMinuteFloorMs, windowMs['5m']);
  const expired: Expired = { samples: 0, oneMinuteRows: 0 };
  const unrolled = firstDays(connection, 'receipt WHERE rollup > 0');
  const pending = firstDays(connection, 'receipt WHERE pending > 0');
  const unsealed = firstDays(connection, 'day WHERE tripsSealed IS NULL OR rollupsSealed IS NULL');
  for (const { id } of connection.sql('SELECT id FROM vehicle').all() as { id: number }[]) {
    // A day longer than what is not done yet: a drive over midnight needs the day before.
    const held = (days: Map<number, number>) => (days.get(id) ?? Infinity) - dayLengthMs;
    if (expired.samples < chunkRows) {
      const floorMs = Math.min(rawFloorMs, held(unrolled), held(pending), held(unsealed));
      expired.samples += expireRaw(connection, id, floorMs);
    }
    if (expired.oneMinuteRows < chunkRows) {
      const floorMs = Math.min(oneMinuteFloorMs, held(unrolled));
      expired.oneMinuteRows += expireMinutes(connection, windowMs['5m'], id, floorMs);
    }
  }
  connection
    .sql('DELETE FROM deadLetter WHERE id IN (SELECT id FROM deadLetter ORDER BY lastMs DESC LIMIT -1 OFFSET ?)')
    .run(maxDeadLetters);
  return expired;
}

const aligned = (timeMs: number, lengthMs: number) => Math.floor(timeMs / lengthMs) * lengthMs;

/** Of each vehicle its first day among some rows. */
function firstDays({ sql }: Connection, source: string): Map<number, number> {
  const rows = sql(`SELECT vehicleId AS id, min(dayMs) AS dayMs FROM ${source} GROUP BY vehicleId`).all();
  return new Map((rows as { id: number; dayMs: number }[]).map(({ id, dayMs }) => [id, dayMs]));
}

/** Whole UTC days go at once, so that no sample is ever there without its receipt and its seals. */
function expireRaw({ sql }: Connection, id: number, floorMs: number): number {
  const chunkEnd = sql('SELECT timeMs FROM sample WHERE vehicleId = ? AND timeMs < ? ORDER BY timeMs LIMIT 1 OFFSET ?');
  const chunkEndMs = chunkEnd.get(id, floorMs, chunkRows)?.timeMs as number | undefined;
  const reachedMs = chunkEndMs ?? floorMs;
  const last = sql('SELECT max(timeMs) AS timeMs FROM sample WHERE vehicleId = ? AND timeMs < ?').get(id, reachedMs);
  const { changes } = sql('DELETE FROM sample WHERE vehicleId = ? AND timeMs < ?').run(id, reachedMs);
  if (last?.timeMs != null) {
    // Only as far as something was dropped: a clock that ran ahead for a moment must not freeze what is yet to come.
    const droppedMs = (last.timeMs as number) + 1;
    sql('UPDATE vehicle SET rawFloorMs = ?1 WHERE id = ?2 AND rawFloorMs < ?1').run(droppedMs, id);
  }
  if (chunkEndMs === undefined) {
    const days = sql('DELETE FROM day WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
    // A vehicle's receipts are found by reading all, once a day: an index for it would cost every append.
    if (days.changes > 0) sql('DELETE FROM receipt WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
  }
  return Number(changes);
}

/** Rows go with the whole 5-minute window they are in, so that no later pass makes that window of what is left. */
function expireMinutes({ sql }: Connection, fiveMinutesMs: number, id: number, beforeMs: number): number {
  const fiveMinuteStart = `m.startMs / ${fiveMinutesMs} * ${fiveMinutesMs}`;
  const { changes } = sql(`DELETE FROM ${rollupTable['1m']} WHERE vehicleId = ?1 AND startMs IN (
    SELECT m.startMs FROM ${rollupTable['1m']} AS m
    WHERE m.vehicleId = ?1 AND m.startMs < ?2
      AND EXISTS (SELECT 1 FROM ${rollupTable['5m']} AS f WHERE f.vehicleId = ?1 AND f.startMs = ${fiveMinuteStart})
    LIMIT ?3)`).run(id, beforeMs, chunkRows);
  return Number(changes);
}
