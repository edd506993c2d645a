import type { Aggregate, Rollup, RollupTier } from '../../rollups/rollup.ts';
import type { Column } from '../../telemetry/columns.ts';
import type {
  Alert,
  DeadLetter,
  Erasure,
  Receipt,
  ReceiptFilter,
  SealKind,
  StoredTrip,
  TripFilter,
  VehicleDay,
} from '../port.ts';
import type { EncodedRows } from '../rows.ts';
import { type Layout, rollupRowNames, rollupTable } from './layout.ts';
import { createSampleReads, type SamplePlace } from './read-samples.ts';
import type { Connection } from './statements.ts';
import { formatVersion, versionOf } from './vehicle-ids.ts';

type Row = Record<string, unknown>;

/** What the reading thread answers. */
export function createReads(connection: Connection, layout: Layout) {
  const { sql } = connection;
  const samples = createSampleReads(connection, layout);
  const rollupNames = rollupRowNames(layout).join(', ');
  const idOf = (vehicle: string) =>
    (sql('SELECT id FROM vehicle WHERE name = ?').get(vehicle)?.id as number | undefined) ?? -1;

  return {
    samplePage: (range: { vehicle: string; from: SamplePlace; toMs: number; limit: number }): EncodedRows =>
      samples.after(idOf(range.vehicle), range.from, range.toMs, range.limit),

    samplePageBackward: (range: { vehicle: string; before: SamplePlace; limit: number }): EncodedRows =>
      samples.before(idOf(range.vehicle), range.before, range.limit),

    nearestCodes: (place: { vehicle: string; timeMs: number; side: 'before' | 'after' }): EncodedRows =>
      samples.withCodes(idOf(place.vehicle), place.timeMs, place.side),

    /** Latest samples of each, newest first. */
    vehicles({ limit, cursor }: { limit: number; cursor: string }): { vehicle: string; latest: EncodedRows }[] {
      return sql('SELECT id, name FROM vehicle WHERE name > ? ORDER BY name LIMIT ?')
        .all(cursor, limit)
        .map(({ id, name }) => ({ vehicle: name as string, latest: samples.latest(id as number) }));
    },

    vehicle({ vehicle }: { vehicle: string }): EncodedRows | undefined {
      const id = idOf(vehicle);
      return id === -1 ? undefined : samples.latest(id);
    },

    erasures: (_: undefined): Erasure[] =>
      sql('SELECT vehicle, untilMs FROM erasure ORDER BY vehicle')
        .all()
        .map((row) => ({ vehicle: row.vehicle as string, untilMs: row.untilMs as number })),

    version({ vehicle }: { vehicle: string }): string {
      return formatVersion(versionOf(connection, vehicle));
    },

    rawFloorMs({ vehicle }: { vehicle: string }): number {
      return (sql('SELECT rawFloorMs FROM vehicle WHERE name = ?').get(vehicle)?.rawFloorMs as number | undefined) ?? 0;
    },

    receipts(filter: ReceiptFilter): Receipt[] {
      const { where, values } = conditions([
        ['pending IN', filter.pending],
        ['rollup IN', filter.rollup],
        ['vehicleId =', filter.vehicle === undefined ? undefined : idOf(filter.vehicle)],
        ['toMs >=', filter.touching?.fromMs],
        ['fromMs <=', filter.touching?.toMs],
      ]);
      const { source, only } = receiptsToScan(filter);
      return sql(`SELECT ${receiptNames}, name AS vehicle FROM ${source} JOIN vehicle ON vehicle.id = vehicleId
        ${where || 'WHERE true'} ${only} ORDER BY receipt.id LIMIT ?`)
        .all(...values, filter.limit)
        .map((row) => ({
          id: String(row.id),
          vehicle: row.vehicle as string,
          fromMs: row.fromMs as number,
          toMs: row.toMs as number,
          count: row.count as number,
          receivedMs: row.receivedMs as number,
          pending: row.pending as Receipt['pending'],
          rollup: row.rollup as Receipt['rollup'],
          attempts: row.attempts as number,
        }));
    },

    latestReceiptMs(): number | null {
      const latest = sql('SELECT receivedMs FROM receipt ORDER BY id DESC LIMIT 1').get();
      return (latest?.receivedMs as number | undefined) ?? null;
    },

    receiptCounts() {
      const count = (mark: string) =>
        sql(`SELECT count(*) AS n, min(receivedMs) AS oldest FROM receipt WHERE ${mark} > 0`).get() as {
          n: number;
          oldest: number | null;
        };
      const [pending, rollup] = [count('pending'), count('rollup')];
      return { pending: pending.n, rollup: rollup.n, oldestPendingMs: pending.oldest, oldestRollupMs: rollup.oldest };
    },

    unsealed({ kind, beforeDayMs, limit }: { kind: SealKind; beforeDayMs: number; limit: number }): VehicleDay[] {
      return sql(`SELECT name AS vehicle, dayMs FROM day JOIN vehicle ON vehicle.id = vehicleId
        WHERE dayMs < ? AND ${kind}Sealed IS NULL AND NOT EXISTS (
          SELECT 1 FROM receipt INDEXED BY receiptPending
          WHERE pending > 0 AND receipt.vehicleId = day.vehicleId AND receipt.dayMs = day.dayMs
        ) ORDER BY dayMs, name LIMIT ?`)
        .all(beforeDayMs, limit)
        .map((row) => ({ vehicle: row.vehicle as string, dayMs: row.dayMs as number }));
    },

    trips(filter: TripFilter): StoredTrip[] {
      const overlap = !filter.startsWithin;
      const { where, values } = conditions([
        ['vehicleId =', filter.vehicle === undefined ? undefined : idOf(filter.vehicle)],
        [overlap ? 'endMs >=' : 'startMs >=', filter.fromMs],
        ['startMs <=', filter.toMs],
        ['status <>', filter.withRetracted ? undefined : 'retracted'],
        ['(startMs, id) <', filter.cursor && [filter.cursor.startMs, filter.cursor.id]],
      ]);
      return sql(`SELECT body FROM trip ${where} ORDER BY startMs DESC, id DESC LIMIT ?`)
        .all(...values, filter.limit)
        .map(tripOf);
    },

    newestTrips({ vehicles }: { vehicles: readonly string[] }): StoredTrip[] {
      const newest = sql(`SELECT body FROM trip WHERE vehicleId = ? AND status <> 'retracted'
        ORDER BY startMs DESC, id DESC LIMIT 1`);
      return vehicles.flatMap((vehicle) => newest.all(idOf(vehicle)).map(tripOf));
    },

    trip({ id }: { id: string }): StoredTrip | undefined {
      const row = sql('SELECT body FROM trip WHERE id = ?').get(id);
      return row && tripOf(row);
    },

    dueTrips({ nowMs, limit }: { nowMs: number; limit: number }): StoredTrip[] {
      return sql('SELECT body FROM trip WHERE dueMs <= ? ORDER BY dueMs LIMIT ?').all(nowMs, limit).map(tripOf);
    },

    rollupPage(range: {
      tier: RollupTier;
      vehicle: string | undefined;
      after: { startMs: number; vehicle: string };
      toMs: number;
      limit: number;
    }): Rollup[] {
      const values: (string | number)[] = [range.after.startMs, range.after.vehicle, range.after.startMs, range.toMs];
      if (range.vehicle !== undefined) values.push(idOf(range.vehicle));
      return sql(`SELECT name AS vehicle, startMs, ${rollupNames}
        FROM ${rollupTable[range.tier]} JOIN vehicle ON vehicle.id = vehicleId
        WHERE (startMs, name) > (?, ?) AND startMs >= ? AND startMs <= ? ${range.vehicle === undefined ? '' : 'AND vehicleId = ?'}
        ORDER BY startMs, name LIMIT ?`)
        .all(...values, range.limit)
        .map((row) => rollupOf(layout.rollupColumns, range.tier, row));
    },

    alerts(filter: { vehicle?: string; fromMs: number; toMs: number; limit: number }): Alert[] {
      const { where, values } = conditions([
        ['vehicleId =', filter.vehicle === undefined ? undefined : idOf(filter.vehicle)],
        ['timeMs >=', filter.fromMs],
        ['timeMs <=', filter.toMs],
      ]);
      return sql(`SELECT name AS vehicle, timeMs, origin, kind, detail FROM alert JOIN vehicle ON vehicle.id = vehicleId
        ${where} ORDER BY timeMs DESC, name, kind, detail LIMIT ?`).all(...values, filter.limit) as unknown as Alert[];
    },

    deadLetters({ withReplayed, limit }: { withReplayed?: boolean; limit: number }): DeadLetter[] {
      return sql(
        `SELECT * FROM deadLetter ${withReplayed ? '' : 'WHERE replayedMs IS NULL'} ORDER BY lastMs DESC, id LIMIT ?`,
      )
        .all(limit)
        .map(deadLetterOf);
    },

    deadLetter({ id }: { id: string }): DeadLetter | undefined {
      const row = sql('SELECT * FROM deadLetter WHERE id = ?').get(id);
      return row && deadLetterOf(row);
    },

    deadLetterCount(): number {
      return sql('SELECT count(*) AS n FROM deadLetter WHERE replayedMs IS NULL').get()?.n as number;
    },
  };
}

export type Reads = ReturnType<typeof createReads>;

/** All but the part. */
const receiptNames = 'receipt.id, fromMs, toMs, count, receivedMs, pending, rollup, attempts';

/**
 * The few receipts with something to do, where only such are asked for: the planner cannot see from a bound list that the
 * partial index has them all, and would read every receipt of a week.
 */
function receiptsToScan({ pending, rollup, vehicle }: ReceiptFilter): { source: string; only: string } {
  if (pending?.every((stage) => stage > 0)) {
    return { source: 'receipt INDEXED BY receiptPending', only: 'AND pending > 0' };
  }
  if (vehicle === undefined && rollup?.every((stage) => stage > 0)) {
    return { source: 'receipt INDEXED BY receiptRollup', only: 'AND rollup > 0' };
  }
  return { source: 'receipt', only: '' };
}

type Condition = [string, string | number | readonly (string | number)[] | undefined];

/** WHERE with the conditions that have a value; a list becomes one placeholder per item. */
function conditions(all: Condition[]): { where: string; values: (string | number)[] } {
  const given = all.filter(
    (pair): pair is [string, string | number | readonly (string | number)[]] => pair[1] !== undefined,
  );
  const parts = given.map(
    ([test, value]) => `${test} ${typeof value === 'object' ? `(${value.map(() => '?').join(', ')})` : '?'}`,
  );
  return { where: parts.length ? `WHERE ${parts.join(' AND ')}` : '', values: given.flatMap(([, value]) => value) };
}

function tripOf(row: Row): StoredTrip {
  return JSON.parse(row.body as string);
}

function rollupOf(columns: readonly Column[], tier: RollupTier, row: Row): Rollup {
  const fields: Record<string, Aggregate> = {};
  for (const { name, rollup } of columns) {
    const count = row[`${name}_count`] as number;
    if (!count) continue;
    const sum = rollup === 'noMean' ? null : (row[`${name}_sum`] as number);
    fields[name] = {
      count,
      sum,
      mean: sum === null ? null : sum / count,
      min: row[`${name}_min`] as number,
      max: row[`${name}_max`] as number,
      last: row[`${name}_last`] as number,
    };
  }
  return {
    vehicle: row.vehicle as string,
    tier,
    startedAt: new Date(row.startMs as number).toISOString(),
    count: row.count as number,
    fields,
  };
}

function deadLetterOf(row: Row): DeadLetter {
  const { vehicle: _, ...letter } = row;
  return { ...letter, event: JSON.parse(row.event as string) } as DeadLetter;
}
