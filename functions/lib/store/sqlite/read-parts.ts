import { type EncodedRows, rowHead } from '../rows.ts';
import type { Layout } from './layout.ts';
import { decodeParts, isText } from './parts.ts';
import type { Row, SamplePlace } from './read-samples.ts';
import type { Connection } from './statements.ts';

/** What is still in parts, merged into a page of rows as the writer will merge it: in the order in which it came. */
export interface PartReads {
  /** @param rows of the page after `from` and up to `toMs`, in order of (time, device), `limit` of them or all */
  forward(rows: Row[], vehicleId: number, from: SamplePlace, toMs: number, limit: number): Row[];
  /** @param rows of the page before a place, the latest first */
  backward(rows: Row[], vehicleId: number, before: SamplePlace, limit: number): Row[];
}

interface Listed {
  id: number;
  fromMs: number;
  toMs: number;
}

/** A sample out of a part, with the id of its receipt. */
type Found = [id: number, row: Row];

export function createPartReads({ sql }: Connection, layout: Layout): PartReads {
  function list(vehicleId: number, fromMs: number, toMs: number): Listed[] {
    return sql(`SELECT id, fromMs, toMs FROM receipt INDEXED BY receiptPending
      WHERE pending > 0 AND part IS NOT NULL AND vehicleId = ? AND toMs >= ? AND fromMs <= ?`).all(
      vehicleId,
      fromMs,
      toMs,
    ) as unknown as Listed[];
  }

  function rowsOf({ id }: Listed): Row[] {
    const blob = sql('SELECT part FROM receipt WHERE id = ?').get(id)?.part as Uint8Array;
    return plainRows(decodeParts([blob], layout), layout);
  }

  /**
   * The first samples of parts, at least `limit` where there are so many.
   *
   * @param parts nearest first
   * @param edge the end of a part that is nearest to where the page begins
   * @param compare the order of the page
   */
  function first(
    parts: Listed[],
    edge: (part: Listed) => number,
    compare: (a: number, b: number) => number,
    isWithin: (row: Row) => boolean,
    limit: number,
  ): Map<string, Found[]> {
    const found = new Map<string, Found[]>();
    for (const part of parts) {
      if (found.size >= limit) {
        const times = Array.from(found.values(), ([one]) => (one as Found)[1][0]).sort(compare);
        if (compare(edge(part), times[limit - 1] as number) > 0) break;
      }
      for (const row of rowsOf(part)) {
        if (!isWithin(row)) continue;
        const key = keyOf(row);
        const same = found.get(key);
        if (same) same.push([part.id, row]);
        else found.set(key, [[part.id, row]]);
      }
    }
    return found;
  }

  return {
    forward(rows, vehicleId, from, toMs, limit) {
      const parts = list(vehicleId, from.timeMs, toMs);
      if (parts.length === 0) return rows;
      parts.sort((a, b) => a.fromMs - b.fromMs);
      const isWithin = (row: Row) => row[0] <= toMs && compareRows(row, [from.timeMs, from.device]) > 0;
      const found = first(parts, ({ fromMs }) => fromMs, ascending, isWithin, limit);
      return merged(rows, found).sort(compareRows).slice(0, limit);
    },
    backward(rows, vehicleId, before, limit) {
      const parts = list(vehicleId, Number.MIN_SAFE_INTEGER, before.timeMs);
      if (parts.length === 0) return rows;
      parts.sort((a, b) => b.toMs - a.toMs);
      const isWithin = (row: Row) => compareRows(row, [before.timeMs, before.device]) < 0;
      const found = first(
        parts,
        ({ toMs }) => toMs,
        (a, b) => b - a,
        isWithin,
        limit,
      );
      return merged(rows, found)
        .sort((a, b) => compareRows(b, a))
        .slice(0, limit);
    },
  };
}

const ascending = (a: number, b: number) => a - b;

function compareRows(a: Row, b: Row): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : Number(a[1] > b[1]));
}

const keyOf = ([timeMs, device]: Row) => `${timeMs} ${device}`;

/** Each sample once: the row of it, and over that what parts say, the later ones last. */
function merged(rows: Row[], found: Map<string, Found[]>): Row[] {
  const all = rows.map((row) => {
    const key = keyOf(row);
    const later = found.get(key);
    found.delete(key);
    return later ? over(row, later) : row;
  });
  for (const [[, row], ...later] of Array.from(found.values(), byAge)) all.push(over(row, later));
  return all;
}

const byAge = (several: Found[]) => several.sort(([a], [b]) => a - b) as [Found, ...Found[]];

function over(row: Row, later: Found[]): Row {
  const result = [...row] as Row;
  for (const [, values] of byAge(later)) {
    for (let i = 2; i < values.length; i++) if (values[i] !== null) result[i] = values[i] as Row[number];
  }
  return result;
}

function plainRows({ data, count, devices, shapes, strings }: EncodedRows, { columns }: Layout): Row[] {
  const rows: Row[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const fields = shapes[data[at] as number] as number[];
    const row: Row = [data[at + 3] as number, devices[data[at + 2] as number] as string];
    for (let index = 0; index < columns.length; index++) row.push(null);
    at += rowHead;
    for (const index of fields) {
      const value = data[at++] as number;
      row[index + 2] = isText(columns, index) ? (strings[value] as string) : value;
    }
    rows.push(row);
  }
  return rows;
}
