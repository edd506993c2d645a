import type { Erasure } from '../port.ts';
import { type EncodedRows, rowHead } from '../rows.ts';
import type { Connection } from './statements.ts';

/** The tombstones of erased vehicles, kept by the one writing thread: few, so that an append looks into an empty map. */
export interface Tombstones {
  untilMs(vehicle: string): number | undefined;
  /** Puts one up, where there is one already at the later instant; answers which. Null takes it away. */
  set(vehicle: string, untilMs: number | null): number | null;
  /** Of each append, by its first row, the tombstones its rows ran into; undefined where none did. */
  refusals(rows: EncodedRows, firstRows: readonly number[]): (Erasure[] | undefined)[] | undefined;
  /** After a rolled-back transaction. */
  forget(): void;
}

export function tombstoneTable({ sql }: Connection): Tombstones {
  /** Read when they are first needed, and again after a rolled-back transaction. */
  let known: Map<string, number> | undefined;

  function all(): Map<string, number> {
    if (known) return known;
    const rows = sql('SELECT vehicle, untilMs FROM erasure').all();
    known = new Map(rows.map(({ vehicle, untilMs }) => [vehicle as string, untilMs as number]));
    return known;
  }

  return {
    untilMs: (vehicle) => all().get(vehicle),
    set(vehicle, untilMs) {
      const byVehicle = all();
      if (untilMs === null) {
        sql('DELETE FROM erasure WHERE vehicle = ?').run(vehicle);
        byVehicle.delete(vehicle);
        return null;
      }
      const latestMs = Math.max(untilMs, byVehicle.get(vehicle) ?? untilMs);
      sql('INSERT OR REPLACE INTO erasure (vehicle, untilMs) VALUES (?, ?)').run(vehicle, latestMs);
      byVehicle.set(vehicle, latestMs);
      return latestMs;
    },
    refusals(rows, firstRows) {
      const byVehicle = all();
      const untils = byVehicle.size === 0 ? [] : rows.vehicles.map((vehicle) => byVehicle.get(vehicle));
      if (untils.every((untilMs) => untilMs === undefined)) return undefined;
      const refusals: (Erasure[] | undefined)[] = firstRows.map(() => undefined);
      let append = 0;
      for (const { row, vehicle, timeMs } of heads(rows)) {
        while (row >= (firstRows[append + 1] ?? Infinity)) append++;
        const untilMs = untils[vehicle];
        if (untilMs === undefined || timeMs > untilMs) continue;
        const name = rows.vehicles[vehicle] as string;
        const refusal = refusals[append] ?? [];
        refusals[append] = refusal;
        if (!refusal.some((one) => one.vehicle === name)) refusal.push({ vehicle: name, untilMs });
      }
      return refusals.some((refusal) => refusal) ? refusals : undefined;
    },
    forget() {
      known = undefined;
    },
  };
}

/** The rows of those appends that are not refused, and the first row of each of them. */
export function withoutRefused(
  rows: EncodedRows,
  firstRows: readonly number[],
  refusals: readonly (unknown | undefined)[],
): { rows: EncodedRows; firstRows: number[] } {
  const kept = { ...rows, data: new Float64Array(rows.length), length: 0, count: 0, vehicles: [] as string[] };
  const keptFirst: number[] = [];
  let append = -1;
  for (const { row, vehicle, at, length } of heads(rows)) {
    while (row >= (firstRows[append + 1] ?? Infinity)) {
      append++;
      if (!refusals[append]) keptFirst.push(kept.count);
    }
    if (refusals[append]) continue;
    kept.data.set(rows.data.subarray(at, at + length), kept.length);
    // A vehicle of which nothing is kept must not become known.
    const name = rows.vehicles[vehicle] as string;
    const known = kept.vehicles.indexOf(name);
    kept.data[kept.length + 1] = known === -1 ? kept.vehicles.push(name) - 1 : known;
    kept.length += length;
    kept.count++;
  }
  return { rows: kept, firstRows: keptFirst };
}

function* heads({ data, shapes, count }: EncodedRows) {
  let at = 0;
  for (let row = 0; row < count; row++) {
    const length = rowHead + (shapes[data[at] as number] as number[]).length;
    yield { row, at, length, vehicle: data[at + 1] as number, timeMs: data[at + 3] as number };
    at += length;
  }
}
