import type { Rollup, RollupTier } from '../rollups/rollup.ts';
import type { CloudEvent } from '../telemetry/events.ts';
import type { LocatedAt } from '../telemetry/position.ts';
import type { Sample, VehicleSamples } from '../telemetry/sample.ts';
import type { Trip } from '../trips/trip.ts';

/**
 * The store: InfluxDB or SQLite behind one interface, one contract suite (contract.ts) for both.
 *
 * Every write resolves only when it is durable. All times are milliseconds since the epoch, UTC; ranges are inclusive
 * at `fromMs` and, unless said otherwise, at `toMs`. Every call may reject with a {@link StoreUnavailable}.
 */
export interface Store extends SampleStore, ReceiptStore, TripStore, RollupStore, AlertStore, DeadLetterStore {
  /** Resolves when a write would work just now; rejects with StoreUnavailable. */
  ready(): Promise<void>;
  /** Why an append would be refused just now, known without trying: asked before a body is parsed. */
  busy(): StoreUnavailable | undefined;
  close(): Promise<void>;
}

/**
 * What a derived write stands on, checked when it is written; if it does not hold, nothing is written or marked, and the
 * caller derives again (DESIGN §2, decisions/0001). SQLite checks and writes in one transaction; a store without
 * transactions writes, checks again, and then marks. A store may refuse more than it must.
 */
export interface Guard {
  vehicle: string;
  /** What {@link SampleStore.readVersion} answered before the inputs were read. */
  version: string;
  /**
   * What may not have been written since: `samples` appended or amended, or by somebody else what is derived from them:
   * `trips` with their alerts, alerts on `codes`. Whoever derives all that is pending may go by the latter: samples that
   * came later have receipts of their own, and are derived after it.
   */
  of: 'samples' | 'trips' | 'codes';
  /** Of samples, only those in here matter, both ends inclusive; all where absent. */
  range?: { fromMs: number; toMs: number };
}

/** One guard, or several that must all hold. */
export type Guards = Guard | readonly Guard[];

export interface SampleStore {
  /**
   * Writes samples and their receipts (one per vehicle and UTC day) in one commit. A sample under an identity that is
   * there already is merged into it field by field, the last write wins. Rejects with {@link VehicleErased}, and has
   * written nothing, when a sample is not newer than the tombstone of its vehicle.
   */
  append(groups: readonly VehicleSamples[], receivedMs: number): Promise<{ receipt: string }>;
  /**
   * Merges derived fields into samples and marks receipts as enriched, in one commit; samples without receipts get one
   * that is pending for trips and rollups. Replaces alerts in the same commit; answers those that were not there before.
   * Guarded (see {@link Guard}): null if it failed, if a sample is not newer than the tombstone of its vehicle, or if a
   * receipt is no longer there because it was joined with others.
   */
  amend(
    group: VehicleSamples,
    receiptIds: readonly string[],
    guard: Guards,
    receivedMs: number,
    alerts?: DerivedAlerts,
  ): Promise<Alert[] | null>;
  /** Changes with every write that a {@link Guard} may be about. */
  readVersion(vehicle: string): Promise<string>;
  /** Samples of a vehicle in order of (time, device), in pages of at most `pageSize` (1,000). */
  readSamples(vehicle: string, fromMs: number, toMs: number, pageSize?: number): AsyncIterable<Sample[]>;
  /** Samples before `beforeMs`, newest first, for finding where an island begins. */
  readSamplesBackward(vehicle: string, beforeMs: number, pageSize?: number): AsyncIterable<Sample[]>;
  /** Samples of the vehicle before this may have been dropped. */
  rawFloorMs(vehicle: string): Promise<number>;
  /** The nearest sample with stored codes before or after an instant. */
  nearestCodes(vehicle: string, timeMs: number, side: 'before' | 'after'): Promise<Sample | undefined>;
  /** Every vehicle with its latest values, ordered by id, after `cursor`. */
  listVehicles(limit: number, cursor?: string): Promise<VehicleState[]>;
  readVehicle(vehicle: string): Promise<VehicleState | undefined>;
  /**
   * Removes a vehicle and everything it left: samples, receipts, seals, trips, rollups, alerts, and the dead letters about
   * it. Leaves a tombstone at `nowMs`, or at the newest sample that was there: what is not newer does not come back, by
   * `append`, `amend` or `putDeadLetter`, in whatever process, once this has resolved. What is newer is a new beginning.
   * With `nowMs` null it leaves none, and removes the one there is: for made-up data. Repeating it is no error.
   */
  eraseVehicle(vehicle: string, nowMs: number | null): Promise<Erased>;
  /** Every tombstone, in order of the vehicles: as many as were erased by hand. */
  listErasures(): Promise<Erasure[]>;
}

/** A tombstone: nothing of the vehicle up to this instant, inclusive, is taken again (decisions/0007). */
export interface Erasure {
  vehicle: string;
  untilMs: number;
}

export interface Erased {
  /** Samples that were there. */
  samples: number;
  /** The tombstone; null where none was asked for. */
  untilMs: number | null;
}

/** A vehicle as of its latest samples: each field from the latest of the last 20 samples that has it. */
export interface VehicleState {
  vehicle: string;
  /** Null when the raw tier holds nothing of the vehicle any more. */
  latest: Sample | null;
  /** The latest position of those samples, both coordinates of one sample and not 0/0; null where none has one. */
  position: LocatedAt | null;
}

/** How far a receipt's samples have come: 2 to be enriched, 1 to have trips derived, 0 processed. */
export type PendingStage = 2 | 1 | 0;
/** How far a receipt's windows have come: 2 to be rolled up to 1m, 1 to 5m, 0 done. */
export type RollupStage = 2 | 1 | 0;

export interface Receipt {
  /** Is never given again: one that takes the place of several has another, and theirs mark nothing. */
  id: string;
  vehicle: string;
  fromMs: number;
  toMs: number;
  /** Samples it stands for. */
  count: number;
  receivedMs: number;
  pending: PendingStage;
  rollup: RollupStage;
  /** How often the sweep has driven it again. */
  attempts: number;
}

export interface ReceiptFilter {
  pending?: readonly PendingStage[];
  rollup?: readonly RollupStage[];
  vehicle?: string;
  /** Only receipts with samples, or what lies between them, in this range, both ends inclusive. */
  touching?: { fromMs: number; toMs: number };
  limit: number;
}

export interface ReceiptStore {
  /** Receipts, oldest first. */
  listReceipts(filter: ReceiptFilter): Promise<Receipt[]>;
  markReceipts(
    ids: readonly string[],
    marks: { pending?: PendingStage; rollup?: RollupStage; attempts?: number },
  ): Promise<void>;
  countReceipts(): Promise<{
    pending: number;
    rollup: number;
    oldestPendingMs: number | null;
    oldestRollupMs: number | null;
  }>;
  /** When the latest receipt came that is kept; null where there is none. */
  latestReceiptMs(): Promise<number | null>;
  /** Vehicle-days before `beforeDayMs` with receipts, none of them pending, whose `kind` has not been sealed. */
  listUnsealed(kind: SealKind, beforeDayMs: number, limit: number): Promise<VehicleDay[]>;
  seal(kind: SealKind, day: VehicleDay, differences: number): Promise<void>;
}

export type SealKind = 'trips' | 'rollups';
export interface VehicleDay {
  vehicle: string;
  /** Start of the UTC day. */
  dayMs: number;
}

/** A trip as stored: with the instant at which the wall clock alone would change it (open trips only). */
export interface StoredTrip extends Trip {
  dueMs: number | null;
}

export interface TripFilter {
  vehicle?: string;
  /** Trips that overlap the range. */
  fromMs?: number;
  toMs?: number;
  /** Only trips that start in the range, rather than overlap it. */
  startsWithin?: boolean;
  withRetracted?: boolean;
  limit: number;
  /** Answered trips stand after this one in the order (start descending, id). */
  cursor?: { startMs: number; id: string };
}

export interface TripStore {
  /**
   * Writes trips under their ids, replacing what was there, replaces the alerts of the trips' pass in a range, and marks
   * receipts as processed, all in one commit. Answers the alerts that were not there before. Guarded: null if it failed.
   */
  writeTrips(
    trips: readonly StoredTrip[],
    receiptIds: readonly string[],
    guard: Guards,
    alerts?: DerivedAlerts,
  ): Promise<Alert[] | null>;
  /** Latest start first. */
  listTrips(filter: TripFilter): Promise<StoredTrip[]>;
  /** The trip with the latest start, a retracted one aside, of each of these vehicles that has one, in any order. */
  newestTrips(vehicles: readonly string[]): Promise<StoredTrip[]>;
  readTrip(id: string): Promise<StoredTrip | undefined>;
  /** Open trips that the wall clock changes by `nowMs`, earliest first. */
  listDueTrips(nowMs: number, limit: number): Promise<StoredTrip[]>;
}

export interface RollupStore {
  /**
   * Computes the windows of a tier that touch [fromMs, toMs] again from the tier below and replaces them; windows of
   * which nothing is left are removed. Answers the number of rows that differ from what was there.
   */
  rollUp(tier: RollupTier, vehicle: string, fromMs: number, toMs: number): Promise<{ rows: number; changed: number }>;
  /** Rows whose window starts in the range, in order of (start, vehicle), in pages. */
  readRollups(
    tier: RollupTier,
    vehicle: string | undefined,
    fromMs: number,
    toMs: number,
    pageSize?: number,
  ): AsyncIterable<Rollup[]>;
  /**
   * Drops raw samples (and receipts) before `rawFloorMs` of which nothing is pending and whose day is sealed, and
   * 1-minute rows before `oneMinuteFloorMs` that are in the 5-minute tier. Five-minute rows stay until they are archived.
   */
  expire(floors: { rawFloorMs: number; oneMinuteFloorMs: number }): Promise<{ samples: number; oneMinuteRows: number }>;
}

/** Which pass derives an alert; a pass replaces only its own. */
export type AlertOrigin = 'codes' | 'trips';
export interface Alert {
  vehicle: string;
  timeMs: number;
  origin: AlertOrigin;
  kind: 'code-set' | 'code-cleared' | 'harsh-acceleration' | 'harsh-braking';
  /** The trouble code, or the acceleration in m/s². */
  detail: string;
}

export interface AlertRange {
  vehicle: string;
  origin: AlertOrigin;
  fromMs: number;
  toMs: number;
}

/** All alerts of one pass in a range: what was there before is replaced. */
export interface DerivedAlerts {
  range: AlertRange;
  alerts: readonly Alert[];
}

export interface AlertStore {
  listAlerts(filter: { vehicle?: string; fromMs: number; toMs: number; limit: number }): Promise<Alert[]>;
}

export interface DeadLetter {
  id: string;
  event: CloudEvent;
  /** Where it could not be delivered, and the last answer. */
  destination: string;
  code: number | null;
  reason: string;
  firstMs: number;
  lastMs: number;
  count: number;
  replayedMs: number | null;
}

export interface DeadLetterStore {
  /**
   * Keeps an event that could not be processed; the same event for the same destination is counted, not doubled. Answers
   * whether it did: not an event that may hold something of an erased vehicle (erasure.ts).
   */
  putDeadLetter(letter: Pick<DeadLetter, 'event' | 'destination' | 'code' | 'reason'>, nowMs: number): Promise<boolean>;
  /** Latest first. */
  listDeadLetters(filter: { withReplayed?: boolean; limit: number }): Promise<DeadLetter[]>;
  readDeadLetter(id: string): Promise<DeadLetter | undefined>;
  /** Marks a dead letter that has not come back since `nowMs`, the instant it was published again. */
  markReplayed(id: string, nowMs: number): Promise<void>;
  countDeadLetters(): Promise<number>;
}

/** The store cannot take or answer anything just now; nothing was written. HTTP says 503 with Retry-After. */
export class StoreUnavailable extends Error {
  readonly status = 503;
  readonly retryAfterS: number;
  constructor(message: string, options: { cause?: unknown; retryAfterS?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterS = options.retryAfterS ?? 5;
  }
}

/** Samples of an erased vehicle that are not newer than its erasure; nothing was written. HTTP says 422, never retried. */
export class VehicleErased extends Error {
  readonly status = 422;
  /** The tombstones that the samples ran into. */
  readonly erasures: readonly Erasure[];
  constructor(erasures: readonly Erasure[]) {
    super(`${erasures.map(({ vehicle }) => vehicle).join(', ')}: erased up to a later instant`);
    this.erasures = erasures;
  }
}
