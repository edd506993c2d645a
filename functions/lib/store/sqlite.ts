import { createHash } from 'node:crypto';
import type { Sample, VehicleSamples } from '../telemetry/sample.ts';
import { stateOf } from './latest.ts';
import type { DeadLetter, Store } from './port.ts';
import { decodeRows } from './row-decoder.ts';
import { createRowEncoder } from './row-encoder.ts';
import type { Listeners } from './sqlite/commit-queue.ts';
import { startThreads } from './sqlite/threads.ts';

const defaultPageSize = 1_000;

export interface SqliteOptions extends Partial<Listeners> {
  /** Path of the database file; its folder must exist. */
  path: string;
  /** Least time between the starts of two commits: 2 ms halve the CPU per single append and cost at most that. */
  paceMs?: number;
}

/**
 * The store on one SQLite file: `node:sqlite` in WAL mode with an fsync per commit, writes grouped, all off the calling
 * thread. Rejects with StoreUnavailable when the file cannot be opened.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, paceMs = 2, onFatal = () => {}, onMerged = () => {} } = options;
  const threads = await startThreads(path, paceMs, { onFatal, onMerged });
  const { write, read } = threads;

  async function* samplesForward(
    vehicle: string,
    fromMs: number,
    toMs: number,
    limit: number,
  ): AsyncIterable<Sample[]> {
    let from = { timeMs: fromMs, device: '' };
    for (;;) {
      const page = decodeRows(await read('samplePage', { vehicle, from, toMs, limit }));
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last || page.length < limit) return;
      from = { timeMs: last.timeMs, device: last.device };
    }
  }

  async function* samplesBackward(vehicle: string, beforeMs: number, limit: number): AsyncIterable<Sample[]> {
    let before = { timeMs: beforeMs, device: '' };
    for (;;) {
      const page = decodeRows(await read('samplePageBackward', { vehicle, before, limit }));
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last || page.length < limit) return;
      before = { timeMs: last.timeMs, device: last.device };
    }
  }

  return {
    ready: async () => {
      await write('probe', undefined);
    },
    busy: () => threads.busy(),
    close: () => threads.close(),

    append: (groups, receivedMs) => threads.append(groups, receivedMs),
    amend: (group, receiptIds, guard, receivedMs, alerts) =>
      write('amend', { rows: encode(group), receiptIds, guard, receivedMs, alerts }, group.samples.length),
    rawFloorMs: (vehicle) => read('rawFloorMs', { vehicle }),
    readVersion: (vehicle) => read('version', { vehicle }),
    readSamples: (vehicle, fromMs, toMs, pageSize) =>
      samplesForward(vehicle, fromMs, toMs, pageSize ?? defaultPageSize),
    readSamplesBackward: (vehicle, beforeMs, pageSize) =>
      samplesBackward(vehicle, beforeMs, pageSize ?? defaultPageSize),
    nearestCodes: async (vehicle, timeMs, side) => decodeRows(await read('nearestCodes', { vehicle, timeMs, side }))[0],
    listVehicles: async (limit, cursor) => {
      const states = await read('vehicles', { limit, cursor: cursor ?? '' });
      return states.map(({ vehicle, latest }) => stateOf(vehicle, decodeRows(latest)));
    },
    readVehicle: async (vehicle) => {
      const latest = await read('vehicle', { vehicle });
      return latest && stateOf(vehicle, decodeRows(latest));
    },
    eraseVehicle: (vehicle, nowMs) => write('eraseVehicle', { vehicle, nowMs }),
    listErasures: () => read('erasures', undefined),

    listReceipts: (filter) => read('receipts', filter),
    markReceipts: (ids, marks) => write('markReceipts', { ids, marks }),
    latestReceiptMs: () => read('latestReceiptMs', undefined),
    countReceipts: () => read('receiptCounts', undefined),
    listUnsealed: (kind, beforeDayMs, limit) => read('unsealed', { kind, beforeDayMs, limit }),
    seal: (kind, day, differences) => write('seal', { kind, day, differences }),

    writeTrips: (trips, receiptIds, guard, alerts) => write('writeTrips', { trips, receiptIds, guard, alerts }),
    listTrips: (filter) => read('trips', filter),
    newestTrips: (vehicles) => read('newestTrips', { vehicles }),
    readTrip: (id) => read('trip', { id }),
    listDueTrips: (nowMs, limit) => read('dueTrips', { nowMs, limit }),

    rollUp: (tier, vehicle, fromMs, toMs) => write('rollUp', { tier, vehicle, fromMs, toMs }),
    async *readRollups(tier, vehicle, fromMs, toMs, pageSize = defaultPageSize) {
      let after = { startMs: fromMs, vehicle: '' };
      for (;;) {
        const page = await read('rollupPage', { tier, vehicle, after, toMs, limit: pageSize });
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return;
        after = { startMs: Date.parse(last.startedAt), vehicle: last.vehicle };
      }
    },
    async expire(floors) {
      const dropped = { samples: 0, oneMinuteRows: 0 };
      for (;;) {
        const { samples, oneMinuteRows } = await write('expire', floors);
        dropped.samples += samples;
        dropped.oneMinuteRows += oneMinuteRows;
        if (samples + oneMinuteRows === 0) return dropped;
      }
    },

    listAlerts: (filter) => read('alerts', filter),

    putDeadLetter: (letter, nowMs) => write('putDeadLetter', { id: deadLetterId(letter), letter, nowMs }),
    listDeadLetters: (filter) => read('deadLetters', filter),
    readDeadLetter: (id) => read('deadLetter', { id }),
    markReplayed: (id, nowMs) => write('markReplayed', { id, nowMs }),
    countDeadLetters: () => read('deadLetterCount', undefined),
  };
}

function encode({ vehicle, samples }: VehicleSamples) {
  const encoder = createRowEncoder(Math.max(64, samples.length * 16));
  for (const sample of samples) encoder.add(vehicle, sample);
  return encoder.take();
}

/** The same event for the same destination has the same id. */
function deadLetterId({ event, destination }: Pick<DeadLetter, 'event' | 'destination'>): string {
  return createHash('sha256')
    .update(JSON.stringify([event.source, event.id, destination]))
    .digest('hex')
    .slice(0, 16);
}
