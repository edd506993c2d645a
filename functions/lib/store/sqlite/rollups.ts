import { type RollupTier, windowMs, windowStartMs } from '../../rollups/rollup.ts';
import { type Column, rollupColumns } from '../../telemetry/columns.ts';
import { aggregateNames, rollupRowNames, rollupTable } from './schema.ts';
import type { Connection } from './statements.ts';

/**
 * Computes the windows that touch [fromMs, toMs] again and replaces them, all in the caller's transaction, so that no
 * append can come between reading and writing.
 */
export function rollUp(
  { sql }: Connection,
  tier: RollupTier,
  vehicleId: number,
  fromMs: number,
  toMs: number,
): { rows: number; changed: number } {
  const from = windowStartMs(tier, fromMs);
  const end = windowStartMs(tier, toMs) + windowMs[tier];
  const names = rollupRowNames.join(', ');
  const table = rollupTable[tier];
  const stored = `SELECT startMs, ${names} FROM ${table} WHERE vehicleId = ? AND startMs >= ? AND startMs < ?`;
  const fresh = `SELECT startMs, ${names} FROM fresh${tier}`;

  sql(`DELETE FROM fresh${tier}`).run();
  const { changes: rows } = sql(freshText(tier)).run(vehicleId, from, end);
  const differing = sql(`SELECT count(*) AS n FROM (SELECT startMs FROM (${fresh} EXCEPT ${stored})
    UNION SELECT startMs FROM (${stored} EXCEPT ${fresh}))`);
  const { n } = differing.get(vehicleId, from, end, vehicleId, from, end) as { n: number };
  if (n > 0) {
    sql(`DELETE FROM ${table} WHERE vehicleId = ? AND startMs >= ? AND startMs < ?`).run(vehicleId, from, end);
    sql(`INSERT INTO ${table} (vehicleId, startMs, ${names}) SELECT vehicleId, startMs, ${names} FROM fresh${tier}`).run();
  }
  return { rows: Number(rows), changed: n };
}

/** The table that a tier's windows are computed into before they replace the stored ones. */
export function createFreshTables({ db }: Connection): void {
  for (const tier of ['1m', '5m'] as const) {
    db.exec(`CREATE TEMP TABLE fresh${tier} (vehicleId, startMs, ${rollupRowNames.join(', ')})`);
  }
}

function freshText(tier: RollupTier): string {
  return tier === '1m' ? fromRawText : fromOneMinuteText;
}

const fromRawText = `INSERT INTO fresh1m (vehicleId, startMs, ${rollupRowNames.join(', ')})
  SELECT vehicleId, timeMs / ${windowMs['1m']} * ${windowMs['1m']} AS windowMs, count(*),
    ${rollupColumns.map(rawAggregates).join(',\n    ')}
  FROM sample AS s WHERE vehicleId = ? AND timeMs >= ? AND timeMs < ? GROUP BY windowMs`;

/** The sum is SQLite's compensated one (Kahan–Babuška, since 3.43), so that order hardly shows in it. */
function rawAggregates(column: Column): string {
  const { name } = column;
  const sum = column.rollup === 'noMean' ? '' : `sum(${name}), `;
  return `count(${name}), ${sum}min(${name}), max(${name}), CASE WHEN count(${name}) > 0 THEN
    (SELECT l.${name} FROM sample AS l WHERE l.vehicleId = s.vehicleId
      AND l.timeMs >= s.timeMs / ${windowMs['1m']} * ${windowMs['1m']}
      AND l.timeMs < s.timeMs / ${windowMs['1m']} * ${windowMs['1m']} + ${windowMs['1m']}
      AND l.${name} IS NOT NULL ORDER BY l.timeMs DESC, l.device DESC LIMIT 1) END`;
}

const fromOneMinuteText = `INSERT INTO fresh5m (vehicleId, startMs, ${rollupRowNames.join(', ')})
  SELECT vehicleId, startMs / ${windowMs['5m']} * ${windowMs['5m']} AS windowMs, sum(count),
    ${rollupColumns.map(oneMinuteAggregates).join(',\n    ')}
  FROM rollup1m AS s WHERE vehicleId = ? AND startMs >= ? AND startMs < ? GROUP BY windowMs`;

function oneMinuteAggregates(column: Column): string {
  return aggregateNames(column)
    .map((name) => {
      if (name.endsWith('_min')) return `min(${name})`;
      if (name.endsWith('_max')) return `max(${name})`;
      if (!name.endsWith('_last')) return `sum(${name})`;
      return `CASE WHEN sum(${column.name}_count) > 0 THEN
        (SELECT l.${name} FROM rollup1m AS l WHERE l.vehicleId = s.vehicleId
          AND l.startMs >= s.startMs / ${windowMs['5m']} * ${windowMs['5m']}
          AND l.startMs < s.startMs / ${windowMs['5m']} * ${windowMs['5m']} + ${windowMs['5m']}
          AND l.${name} IS NOT NULL ORDER BY l.startMs DESC LIMIT 1) END`;
    })
    .join(', ');
}
