import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Erasure, SealKind } from '../port.ts';
import { acceptedAheadMs, sealableBeforeMs } from '../retention.ts';
import { schemaVersion } from './schema.ts';

/** What a store says about itself, read beside whoever has it open. */
export interface StoreFacts {
  /** What SQLite's quick check found, the first few; none where it is whole. */
  faults: string[];
  newerVersion: boolean;
  bytes: number;
  /** Of the write-ahead log. */
  logBytes: number;
  newestReceivedMs: number | null;
  /** The largest step back between two receipts that followed each other. */
  stepBack: { byMs: number; toMs: number } | null;
  pending: Waiting;
  rollup: Waiting;
  /** Vehicle-days that could be sealed and are not. */
  unsealed: { count: number; oldestDayMs: number | null };
  sealDifferences: { kind: SealKind; vehicle: string; dayMs: number; differences: number }[];
  deadLetters: { count: number; latestMs: number | null; reason: string | null };
  /** Tombstones further ahead of the clock than a device may be: one is put at the newest sample that was there. */
  aheadErasures: Erasure[];
}

export interface Waiting {
  count: number;
  /** When the oldest was received. */
  oldestMs: number | null;
}

const maxListed = 5;
/** Receipts looked at for a clock that was set back. */
const maxReceipts = 10_000;

/** Reads a store file; another process may have it open. Throws where it is none that can be read. */
export function inspectStore(path: string, nowMs: number): StoreFacts {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    const all = <T>(sql: string, ...values: (number | string)[]) => db.prepare(sql).all(...values) as T[];
    const one = <T>(sql: string, ...values: (number | string)[]) => all<T>(sql, ...values)[0] as T;
    const { user_version: version } = one<{ user_version: number }>('PRAGMA user_version');
    const faults = all<{ quick_check: string }>(`PRAGMA quick_check(${maxListed})`).map((row) => row.quick_check);
    const waiting = (mark: string) =>
      one<Waiting>(`SELECT count(*) AS count, min(receivedMs) AS oldestMs FROM receipt WHERE ${mark} > 0`);
    // Those that were joined (schema.ts) have an earlier time than those before them.
    const inOrder = version < 3 ? '' : 'WHERE joined = 0';
    const [back] = all<{ byMs: number; toMs: number }>(
      `SELECT beforeMs - receivedMs AS byMs, receivedMs AS toMs FROM (
        SELECT receivedMs, lag(receivedMs) OVER (ORDER BY id) AS beforeMs
        FROM (SELECT id, receivedMs FROM receipt ${inOrder} ORDER BY id DESC LIMIT ${maxReceipts})
      ) WHERE beforeMs > receivedMs ORDER BY byMs DESC LIMIT 1`,
    );
    const sealDifferences = (['trips', 'rollups'] as const).flatMap((kind) =>
      all<{ vehicle: string; dayMs: number; differences: number }>(
        `SELECT name AS vehicle, dayMs, ${kind}Sealed AS differences FROM day JOIN vehicle ON vehicle.id = vehicleId
        WHERE ${kind}Sealed > 0 ORDER BY dayMs DESC LIMIT ${maxListed}`,
      ).map((row) => ({ kind, ...row })),
    );
    return {
      faults: faults.filter((fault) => fault !== 'ok'),
      newerVersion: version > schemaVersion,
      bytes: statSync(path).size,
      logBytes: existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0,
      newestReceivedMs: one<{ ms: number | null }>('SELECT max(receivedMs) AS ms FROM receipt').ms,
      stepBack: back ?? null,
      pending: waiting('pending'),
      rollup: waiting('rollup'),
      unsealed: one(
        `SELECT count(*) AS count, min(dayMs) AS oldestDayMs FROM day
        WHERE dayMs < ? AND (tripsSealed IS NULL OR rollupsSealed IS NULL)`,
        sealableBeforeMs(nowMs),
      ),
      sealDifferences,
      deadLetters: one(
        `SELECT count(*) AS count, max(lastMs) AS latestMs, reason FROM deadLetter WHERE replayedMs IS NULL`,
      ),
      aheadErasures:
        version < 2 ? [] : all(`SELECT * FROM erasure WHERE untilMs > ? LIMIT ${maxListed}`, nowMs + acceptedAheadMs),
    };
  } finally {
    db.close();
  }
}
