import { flux, type ParameterizedQuery } from '@influxdata/influxdb-client';
import type { Receipt, ReceiptFilter, ReceiptStore, SealKind, VehicleDay } from '../port.ts';
import { dayMs } from '../retention.ts';
import type { Client } from './client.ts';
import { fieldOf, type Place, pivoted, pointsOf } from './flux.ts';
import { endMs, msOf, nanoseconds, parseNanoseconds } from './instants.ts';
import { lineOf } from './lines.ts';
import { measurements } from './names.ts';
import { markLine, parseReceiptId, receiptId, receiptReader } from './receipt-points.ts';
import { presentField } from './sample-lines.ts';
import { rawBeginningMs } from './samples.ts';
import type { Tombstones } from './tombstones.ts';

/** Receipts found at a time at most: as many as a pass takes (store/derive.ts). */
const maxFound = 50_000;
/** Of many receipts, those of the earliest samples are read in full: so many more than were asked for. */
const spare = 4;
/** Receipts nearer to each other than this are read by one query, ms. */
const nearMs = 300_000;
const maxClusters = 20;
/** Lines of a request. */
const maxLines = 5_000;
/** Receipts that are looked at for the oldest: the earliest, by their samples. */
const lookedAt = 1_000;

interface Found {
  vehicle: string;
  ns: string;
}

export function createReceipts(client: Client, tombstones: Tombstones): ReceiptStore {
  const place = (filter: Pick<ReceiptFilter, 'vehicle' | 'touching'>): Place => ({
    bucket: 'telemetry_raw',
    measurement: measurements.receipt,
    vehicle: filter.vehicle,
    // A receipt is of one UTC day, and stands at its first sample.
    fromMs: Math.max(Math.floor((filter.touching?.fromMs ?? 0) / dayMs) * dayMs, rawBeginningMs()),
    toMs: filter.touching?.toMs ?? endMs,
  });

  /** Receipts with something to do, found by the one field that says so. */
  async function find(field: 'pending' | 'rollup', where: Place): Promise<Found[]> {
    if (where.fromMs > where.toMs) return [];
    return client.query(
      flux`${fieldOf(where, field)} |> filter(fn: (r) => r._value > 0)
        |> keep(columns: ["_time", "vehicle"]) |> group() |> sort(columns: ["_time"]) |> limit(n: ${maxFound})`,
      (names) => {
        const [timeAt, vehicleAt] = [names.indexOf('_time'), names.indexOf('vehicle')];
        return (values) => ({ vehicle: values[vehicleAt] as string, ns: parseNanoseconds(values[timeAt] as string) });
      },
    );
  }

  const readFull = (where: Place) => client.query(pivoted(pointsOf(where)), receiptReader);

  async function list(filter: ReceiptFilter): Promise<Receipt[]> {
    const where = place(filter);
    const field = isWork(filter.pending) ? 'pending' : isWork(filter.rollup) ? 'rollup' : undefined;
    let receipts: (Receipt & { ns: string })[];
    if (field === undefined) receipts = await readFull(where);
    else {
      const found = (await find(field, where)).slice(0, filter.limit * spare);
      const ids = new Set(found.map(({ vehicle, ns }) => receiptId(vehicle, ns)));
      receipts = [];
      for (const { fromMs, toMs } of clusters(found)) receipts.push(...(await readFull({ ...where, fromMs, toMs })));
      receipts = receipts.filter(({ id }) => ids.has(id));
    }
    return receipts
      .filter((receipt) => matches(receipt, filter))
      .sort((a, b) => a.receivedMs - b.receivedMs || (a.ns < b.ns ? -1 : 1))
      .slice(0, filter.limit)
      .map(({ ns: _, ...receipt }) => receipt);
  }

  /** How many have something to do, and when the oldest came, by the earliest of them. */
  async function backlog(field: 'pending' | 'rollup'): Promise<{ count: number; oldestMs: number | null }> {
    const where = place({});
    const found = await find(field, where);
    if (found.length === 0) return { count: 0, oldestMs: null };
    const earliest = found.slice(0, lookedAt);
    const ids = new Set(earliest.map(({ vehicle, ns }) => receiptId(vehicle, ns)));
    let oldestMs = Infinity;
    for (const { fromMs, toMs } of clusters(earliest)) {
      const received = await client.query(fieldOf({ ...where, fromMs, toMs }, 'receivedMs'), receivedReader);
      for (const { id, receivedMs } of received) if (ids.has(id)) oldestMs = Math.min(oldestMs, receivedMs);
    }
    if (found.length < maxFound) return { count: found.length, oldestMs };
    const all = flux`${fieldOf(where, field)} |> filter(fn: (r) => r._value > 0) |> group() |> count()`;
    const [count = maxFound] = await client.query(all, numberReader);
    return { count, oldestMs };
  }

  return {
    listReceipts: list,
    async markReceipts(ids, marks) {
      if (Object.keys(marks).length === 0) return;
      const erased = await tombstones.current();
      const lines = ids.flatMap((id) => {
        const { vehicle, ns } = parseReceiptId(id);
        return (erased.get(vehicle) ?? -1) >= msOf(ns) ? [] : [markLine(id, marks)];
      });
      for (let at = 0; at < lines.length; at += maxLines) {
        await client.write('telemetry_raw', lines.slice(at, at + maxLines));
      }
    },
    async countReceipts() {
      const [pending, rollup] = await Promise.all([backlog('pending'), backlog('rollup')]);
      return {
        pending: pending.count,
        rollup: rollup.count,
        oldestPendingMs: pending.oldestMs,
        oldestRollupMs: rollup.oldestMs,
      };
    },
    async latestReceiptMs() {
      // In the order in which InfluxDB took them: a sender's clock may have been set back since.
      const changes = fieldOf({ ...place({}), measurement: measurements.change }, 'receivedMs');
      const [latest] = await client.query(
        flux`${changes} |> last() |> group() |> sort(columns: ["_time"], desc: true) |> limit(n: 1)`,
        numberReader,
      );
      return latest ?? null;
    },
    async listUnsealed(kind, beforeDayMs, limit) {
      const where = { ...place({}), toMs: beforeDayMs - 1 };
      if (where.fromMs > where.toMs) return [];
      const [days, sealed] = await Promise.all([settledDays(where), sealedDays(kind, where)]);
      return [...days.values()]
        .filter((day) => !sealed.has(keyOf(day)))
        .sort((a, b) => a.dayMs - b.dayMs || (a.vehicle < b.vehicle ? -1 : 1))
        .slice(0, limit);
    },
    async seal(kind, { vehicle, dayMs: fromMs }, differences) {
      const samples = { ...place({ vehicle }), measurement: measurements.sample, fromMs, toMs: fromMs + dayMs - 1 };
      // Erased meanwhile: an event that was under way brings nothing back.
      const [first] = await client.query(flux`${fieldOf(samples, presentField)} |> count()`, numberReader);
      if (first === undefined) return;
      const line = lineOf(measurements.seal, { vehicle }, { [kind]: BigInt(differences) }, nanoseconds(fromMs));
      await client.write('telemetry_raw', [line]);
    },
  };

  /** Vehicle-days with receipts, none of them pending. */
  async function settledDays(where: Place): Promise<Map<string, VehicleDay>> {
    const most = await byDay(
      flux`${pointsOf(where)} |> filter(fn: (r) => r._field == "pending" or r._field == "n")
        |> aggregateWindow(every: 1d, fn: max, createEmpty: false, timeSrc: "_start")`,
    );
    const pending = new Set(most.filter(({ field, value }) => field === 'pending' && value > 0).map(keyOf));
    const real = most.filter((day) => day.field === 'n' && !pending.has(keyOf(day)));
    return new Map(real.map(({ vehicle, dayMs: day }) => [keyOf({ vehicle, dayMs: day }), { vehicle, dayMs: day }]));
  }

  async function sealedDays(kind: SealKind, where: Place): Promise<Set<string>> {
    return new Set((await byDay(fieldOf({ ...where, measurement: measurements.seal }, kind))).map(keyOf));
  }

  function byDay(query: ParameterizedQuery) {
    return client.query(query, (names) => {
      const at = (name: string) => names.indexOf(name);
      const [vehicleAt, timeAt, fieldAt, valueAt] = [at('vehicle'), at('_time'), at('_field'), at('_value')];
      return (values) => ({
        vehicle: values[vehicleAt] as string,
        dayMs: Date.parse(values[timeAt] as string),
        field: values[fieldAt],
        value: Number(values[valueAt]),
      });
    });
  }
}

const keyOf = ({ vehicle, dayMs: day }: VehicleDay) => `${vehicle} ${day}`;

const isWork = (stages: readonly number[] | undefined) => stages?.every((stage) => stage > 0) ?? false;

function matches(receipt: Receipt, { pending, rollup, touching }: ReceiptFilter): boolean {
  return (
    (pending?.includes(receipt.pending) ?? true) &&
    (rollup?.includes(receipt.rollup) ?? true) &&
    (!touching || (receipt.toMs >= touching.fromMs && receipt.fromMs <= touching.toMs))
  );
}

/** Stretches of time that hold all that was found, in order of time, and little else. */
function clusters(found: readonly Found[]): { fromMs: number; toMs: number }[] {
  for (let gapMs = nearMs; ; gapMs *= 4) {
    const joined: { fromMs: number; toMs: number }[] = [];
    for (const { ns } of found) {
      const timeMs = msOf(ns);
      const last = joined.at(-1);
      if (last && timeMs - last.toMs <= gapMs) last.toMs = timeMs;
      else joined.push({ fromMs: timeMs, toMs: timeMs });
    }
    if (joined.length <= maxClusters) return joined;
  }
}

function receivedReader(names: readonly string[]) {
  const at = (name: string) => names.indexOf(name);
  const [timeAt, vehicleAt, valueAt] = [at('_time'), at('vehicle'), at('_value')];
  return (values: readonly string[]) => ({
    id: receiptId(values[vehicleAt] as string, parseNanoseconds(values[timeAt] as string)),
    receivedMs: Number(values[valueAt]),
  });
}

function numberReader(names: readonly string[]): (values: readonly string[]) => number {
  const at = names.indexOf('_value');
  return (values) => Number(values[at]);
}
