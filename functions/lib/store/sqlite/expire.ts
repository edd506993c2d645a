import { dayLengthMs, type Layout, rollupTable } from './layout.ts';
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
  for (const { id } of connection.sql('SELECT id FROM vehicle').all() as { id: number }[]) {
    if (expired.samples < chunkRows) expired.samples += expireRaw(connection, id, rawFloorMs);
    if (expired.oneMinuteRows < chunkRows) {
      expired.oneMinuteRows += expireMinutes(connection, windowMs['5m'], id, oneMinuteFloorMs);
    }
  }
  return expired;
}

const aligned = (timeMs: number, lengthMs: number) => Math.floor(timeMs / lengthMs) * lengthMs;

/** Whole UTC days go at once, so that no sample is ever there without its receipt and its seals. */
function expireRaw({ sql }: Connection, id: number, beforeMs: number): number {
  const held = sql(`SELECT min(dayMs) AS dayMs FROM receipt AS r WHERE vehicleId = ? AND dayMs < ?
    AND (pending > 0 OR rollup > 0
      OR (SELECT count(*) FROM seal WHERE seal.vehicleId = r.vehicleId AND seal.dayMs = r.dayMs) < 2)`);
  const floorMs = (held.get(id, beforeMs) as { dayMs: number | null }).dayMs ?? beforeMs;
  const chunkEnd = sql('SELECT timeMs FROM sample WHERE vehicleId = ? AND timeMs < ? ORDER BY timeMs LIMIT 1 OFFSET ?');
  const chunkEndMs = chunkEnd.get(id, floorMs, chunkRows)?.timeMs as number | undefined;
  const reachedMs = chunkEndMs ?? floorMs;
  const { changes } = sql('DELETE FROM sample WHERE vehicleId = ? AND timeMs < ?').run(id, reachedMs);
  sql('UPDATE vehicle SET rawFloorMs = ?1 WHERE id = ?2 AND rawFloorMs < ?1').run(reachedMs, id);
  if (chunkEndMs === undefined) {
    sql('DELETE FROM receipt WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
    sql('DELETE FROM seal WHERE vehicleId = ? AND dayMs < ?').run(id, floorMs);
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
      AND NOT EXISTS (SELECT 1 FROM receipt AS r
        WHERE r.vehicleId = ?1 AND r.dayMs = m.startMs / ${dayLengthMs} * ${dayLengthMs} AND r.rollup > 0)
    LIMIT ?3)`).run(id, beforeMs, chunkRows);
  return Number(changes);
}
