import type { RollupTier } from '../../rollups/rollup.ts';
import type { Column } from '../../telemetry/columns.ts';
import { aggregateNames, type Layout, rollupRowNames, rollupTable } from './layout.ts';
import type { Connection } from './statements.ts';

/** A rollup row: its start, then {@link rollupRowNames}. */
type Row = (number | null)[];

export type RollUp = (
  tier: RollupTier,
  vehicleId: number,
  fromMs: number,
  toMs: number,
) => { rows: number; changed: number };

/**
 * Computes the windows that touch [fromMs, toMs] again and writes those that differ, all in the caller's transaction, so
 * that no append can come between reading and writing.
 */
export function createRollUp(connection: Connection, layout: Layout): RollUp {
  const texts = { '1m': textsOf(layout, '1m'), '5m': textsOf(layout, '5m') };

  return (tier, vehicleId, fromMs, toMs) => {
    const text = texts[tier];
    const lengthMs = layout.windowMs[tier];
    const floorMs = connection.sql('SELECT rawFloorMs FROM vehicle WHERE id = ?').get(vehicleId)?.rawFloorMs as number;
    const from = Math.max(Math.floor(fromMs / lengthMs), Math.ceil(floorMs / lengthMs)) * lengthMs;
    const end = Math.floor(toMs / lengthMs) * lengthMs + lengthMs;
    const rowsOf = (query: string) => connection.arrays(query).all(vehicleId, from, end) as unknown as Row[];

    const stored = new Map(rowsOf(text.stored).map((row) => [row[0] as number, row]));
    const fresh = rowsOf(text.fresh);
    let changed = 0;
    for (const row of fresh) {
      const before = stored.get(row[0] as number);
      stored.delete(row[0] as number);
      if (before && isSame(before, row)) continue;
      connection.sql(text.replace).run(vehicleId, ...row);
      changed++;
    }
    for (const startMs of stored.keys()) connection.sql(text.remove).run(vehicleId, startMs);
    return { rows: fresh.length, changed: changed + stored.size };
  };
}

function isSame(one: Row, other: Row): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function textsOf(layout: Layout, tier: RollupTier) {
  const table = rollupTable[tier];
  const names = rollupRowNames(layout);
  return {
    fresh: tier === '1m' ? fromRaw(layout) : fromOneMinute(layout),
    stored: `SELECT startMs, ${names.join(', ')} FROM ${table} WHERE vehicleId = ? AND startMs >= ? AND startMs < ?`,
    replace: `INSERT OR REPLACE INTO ${table} (vehicleId, startMs, ${names.join(', ')})
      VALUES (?, ?, ${names.map(() => '?').join(', ')})`,
    remove: `DELETE FROM ${table} WHERE vehicleId = ? AND startMs = ?`,
  };
}

function fromRaw({ rollupColumns, windowMs }: Layout): string {
  const window = windowOf('s.timeMs', windowMs['1m']);
  const aggregates = ({ name, rollup }: Column) => {
    // SQLite's sum is compensated (Kahan–Babuška, since 3.43), so that order hardly shows in it.
    const sum = rollup === 'noMean' ? '' : `sum(${name}), `;
    return `count(${name}), ${sum}min(${name}), max(${name}), CASE WHEN count(${name}) > 0 THEN
      (SELECT l.${name} FROM sample AS l WHERE l.vehicleId = s.vehicleId
        AND l.timeMs >= ${window} AND l.timeMs < ${window} + ${windowMs['1m']}
        AND l.${name} IS NOT NULL ORDER BY l.timeMs DESC, l.device DESC LIMIT 1) END`;
  };
  return `SELECT ${window} AS windowMs, count(*), ${rollupColumns.map(aggregates).join(', ')}
    FROM sample AS s WHERE vehicleId = ? AND timeMs >= ? AND timeMs < ? GROUP BY windowMs`;
}

function fromOneMinute({ rollupColumns, windowMs }: Layout): string {
  const window = windowOf('s.startMs', windowMs['5m']);
  const table = rollupTable['1m'];
  const aggregates = (column: Column) =>
    aggregateNames(column).map((name) => {
      if (name.endsWith('_min')) return `min(${name})`;
      if (name.endsWith('_max')) return `max(${name})`;
      if (!name.endsWith('_last')) return `sum(${name})`;
      return `CASE WHEN sum(${column.name}_count) > 0 THEN
        (SELECT l.${name} FROM ${table} AS l WHERE l.vehicleId = s.vehicleId
          AND l.startMs >= ${window} AND l.startMs < ${window} + ${windowMs['5m']}
          AND l.${name} IS NOT NULL ORDER BY l.startMs DESC LIMIT 1) END`;
    });
  return `SELECT ${window} AS windowMs, sum(count), ${rollupColumns.flatMap(aggregates).join(', ')}
    FROM ${table} AS s WHERE vehicleId = ? AND startMs >= ? AND startMs < ? GROUP BY windowMs`;
}

const windowOf = (column: string, lengthMs: number) => `${column} / ${lengthMs} * ${lengthMs}`;
