import { accessOf } from './influx/access.ts';
import { createAlerts } from './influx/alerts.ts';
import { createChanges } from './influx/changes.ts';
import { createCheck } from './influx/check.ts';
import { createClient } from './influx/client.ts';
import { createCommitQueue } from './influx/commit-queue.ts';
import { createDeadLetters } from './influx/dead-letters.ts';
import { createDerivedWrites } from './influx/derived-writes.ts';
import { createErase, settledMs } from './influx/erase.ts';
import { createReceipts } from './influx/receipts.ts';
import { createRollups } from './influx/rollups.ts';
import { createSampleReads, rawBeginningMs } from './influx/samples.ts';
import { createLocks } from './influx/slots.ts';
import { createTombstones } from './influx/tombstones.ts';
import { createTripReads } from './influx/trips.ts';
import { createVehicles } from './influx/vehicles.ts';
import { paged } from './influx/windows.ts';
import { type Store, StoreUnavailable } from './port.ts';

const defaultPageSize = 1_000;

export interface InfluxOptions {
  url: string;
  org: string;
  token: string;
  /** Whose token it is (influx/access.ts); of the read API, which may do everything, unless told. */
  user?: string;
  /** How long an erasure waits for the writes of other processes, ms. */
  settleMs?: number;
  /** Told what goes wrong, at most once in a while. An InfluxDB that is down at start makes a store that is not ready. */
  onTrouble?: (error: StoreUnavailable) => void;
}

/**
 * The store on InfluxDB v2: every write is awaited to its 204. Rejects with InfluxRefused for settings that cannot work
 * (token, organisation, bucket, its life); an InfluxDB that is down makes a store that is not ready yet.
 */
export async function openInfluxStore(options: InfluxOptions): Promise<Store> {
  /** Until then whoever opens it is told, by what this rejects with. */
  let isOpen = false;
  const onTrouble = (error: StoreUnavailable) => isOpen && options.onTrouble?.(error);
  const client = createClient({ ...options, onTrouble });
  const check = createCheck(client, options, accessOf[options.user ?? 'query'] ?? { read: [], write: [] });
  const locks = createLocks();
  const tombstones = createTombstones(client);
  const samples = createSampleReads(client);
  const changes = createChanges(client);
  const receipts = createReceipts(client, tombstones);
  const alerts = createAlerts(client);
  const letters = createDeadLetters(client, tombstones, locks);
  const vehicles = createVehicles(client, samples);
  const queue = createCommitQueue(client, tombstones);

  let isChecked = false;
  const checkOnce = async () => {
    if (!isChecked) await check.settings();
    isChecked = true;
  };
  await checkOnce().catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return options.onTrouble?.(error);
    client.close();
    throw error;
  });
  isOpen = true;

  return {
    async ready() {
      await checkOnce();
      await check.probe();
    },
    async close() {
      await queue.drain();
      client.close();
    },

    append: queue.append,
    busy: queue.busy,
    rawFloorMs: async () => rawBeginningMs(),
    readVersion: changes.version,
    readSamples: (vehicle, fromMs, toMs, pageSize = defaultPageSize) =>
      paged(samples.forward(vehicle, fromMs, toMs), pageSize),
    readSamplesBackward: (vehicle, beforeMs, pageSize = defaultPageSize) =>
      paged(samples.backward(vehicle, beforeMs), pageSize),
    nearestCodes: samples.nearestCodes,
    listVehicles: (limit, cursor = '') => vehicles.list(limit, cursor),
    readVehicle: vehicles.read,
    eraseVehicle: createErase(client, samples, tombstones, options.settleMs ?? settledMs),
    listErasures: async () =>
      [...(await tombstones.fresh())].map(([vehicle, untilMs]) => ({ vehicle, untilMs })).sort(byVehicle),

    ...receipts,
    ...createTripReads(client),
    ...createDerivedWrites({ client, changes, alerts, receipts, tombstones, locks }),
    ...createRollups(client, samples, changes, locks),
    listAlerts: alerts.listAlerts,

    // Raw and 1-minute rows go by their buckets' retention.
    expire: async () => ({ samples: 0, oneMinuteRows: 0 }),

    putDeadLetter: letters.putDeadLetter,
    listDeadLetters: letters.listDeadLetters,
    readDeadLetter: letters.readDeadLetter,
    markReplayed: letters.markReplayed,
    countDeadLetters: letters.countDeadLetters,
  };
}

const byVehicle = (a: { vehicle: string }, b: { vehicle: string }) => (a.vehicle < b.vehicle ? -1 : 1);
