import type { Sample } from '../../telemetry/sample.ts';
import type { Alert, AlertRange, Guard, Guards, Receipt, Store, StoredTrip } from '../port.ts';

/** The part of the port that deriving trips needs. */
export type TripStorePart = Pick<
  Store,
  | 'append'
  | 'readVersion'
  | 'readSamples'
  | 'rawFloorMs'
  | 'listReceipts'
  | 'markReceipts'
  | 'listTrips'
  | 'writeTrips'
  | 'listDueTrips'
>;

/** A store in memory with the semantics of the port, for tests that run thousands of schedules. Receipts start enriched. */
export function createMemoryStore(): TripStorePart & {
  alerts(): Alert[];
  trips(): StoredTrip[];
  receipts(): Receipt[];
} {
  const samples = new Map<string, Map<string, Sample>>();
  /** The ranges of all changes of a vehicle, in order: their number is its version. */
  const changes = new Map<string, { fromMs: number; toMs: number }[]>();
  const trips = new Map<string, StoredTrip>();
  const receipts = new Map<string, Receipt>();
  let alerts: Alert[] = [];
  const derived = { trips: 0, codes: 0 };
  const versionOf = (vehicle: string) => `${changes.get(vehicle)?.length ?? 0}.${derived.trips}.${derived.codes}`;
  const holds = (guards: Guards) =>
    [guards].flat().every(({ vehicle, version, of, range }: Guard) => {
      const [samples, ...rest] = version.split('.').map(Number);
      if (of !== 'samples') return rest[of === 'trips' ? 0 : 1] === derived[of];
      const since = (changes.get(vehicle) ?? []).slice(samples);
      return since.every(({ fromMs, toMs }) => range !== undefined && (toMs < range.fromMs || fromMs > range.toMs));
    });
  function replaceAlerts({ vehicle, origin, fromMs, toMs }: AlertRange, added: readonly Alert[]): Alert[] {
    const inRange = (alert: Alert) =>
      alert.vehicle === vehicle && alert.origin === origin && alert.timeMs >= fromMs && alert.timeMs <= toMs;
    alerts = [...alerts.filter((alert) => !inRange(alert)), ...added];
    derived[origin]++;
    return [...added];
  }
  const sorted = (vehicle: string) =>
    [...(samples.get(vehicle)?.values() ?? [])].sort((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1));

  return {
    async append(groups, receivedMs) {
      for (const { vehicle, samples: added } of groups) {
        const there = samples.get(vehicle) ?? new Map<string, Sample>();
        samples.set(vehicle, there);
        for (const sample of added) {
          const key = `${sample.timeMs} ${sample.device}`;
          there.set(key, { ...there.get(key), ...sample });
        }
        const times = added.map(({ timeMs }) => timeMs);
        const id = String(receipts.size + 1);
        const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
        changes.set(vehicle, [...(changes.get(vehicle) ?? []), { fromMs, toMs }]);
        receipts.set(id, {
          id,
          vehicle,
          fromMs,
          toMs,
          count: added.length,
          receivedMs,
          pending: 1,
          rollup: 2,
          attempts: 0,
        });
      }
      return { receipt: String(receipts.size) };
    },
    readVersion: async (vehicle) => versionOf(vehicle),
    async *readSamples(vehicle, fromMs, toMs) {
      const page = sorted(vehicle).filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs);
      if (page.length > 0) yield page;
    },
    rawFloorMs: async () => -Infinity,
    listReceipts: async ({ vehicle, pending, touching }) =>
      [...receipts.values()].filter(
        (receipt) =>
          (vehicle === undefined || receipt.vehicle === vehicle) &&
          (pending?.includes(receipt.pending) ?? true) &&
          (touching === undefined || (receipt.toMs >= touching.fromMs && receipt.fromMs <= touching.toMs)),
      ),
    async markReceipts(ids, marks) {
      for (const id of ids) receipts.set(id, { ...(receipts.get(id) as Receipt), ...marks });
    },
    listTrips: async ({ vehicle, fromMs = -Infinity, toMs = Infinity }) =>
      [...trips.values()].filter((trip) => {
        const startMs = Date.parse(trip.startedAt);
        return trip.vehicle === vehicle && startMs >= fromMs && startMs <= toMs;
      }),
    async writeTrips(rows, ids, guard, tripAlerts) {
      if (!holds(guard)) return null;
      for (const row of rows) trips.set(row.id, JSON.parse(JSON.stringify(row)));
      derived.trips++;
      for (const id of ids) receipts.set(id, { ...(receipts.get(id) as Receipt), pending: 0 });
      return tripAlerts ? replaceAlerts(tripAlerts.range, tripAlerts.alerts) : [];
    },
    listDueTrips: async (nowMs) => [...trips.values()].filter(({ dueMs }) => dueMs !== null && dueMs <= nowMs),
    alerts: () => alerts,
    trips: () => [...trips.values()],
    receipts: () => [...receipts.values()],
  };
}
