import type { Column } from '../../telemetry/columns.ts';
import { type EncodedRows, isText, offsetsOf, rowHead } from '../rows.ts';
import type { Layout } from './layout.ts';
import { decodeParts } from './parts.ts';
import type { Row, SamplePlace } from './read-samples.ts';
import type { Connection } from './statements.ts';

/** A page of samples of one vehicle. */
export interface Page {
  vehicleId: number;
  direction: 'forward' | 'backward';
  /** It begins after this place, in its direction. */
  after: SamplePlace;
  /** Where it ends at the latest, inclusive, in its direction. */
  untilMs: number;
  limit: number;
}

/**
 * Merges what is still in parts into the rows of a page, as the writer will: in the order in which it came.
 *
 * @param rows of the page, in its order, as many as its limit or all there are
 */
export type MergeParts = (rows: Row[], page: Page) => Row[];

/** The rows of a part, and where each begins. */
interface Opened {
  id: number;
  rows: EncodedRows;
  offsets: Uint32Array;
}

export function createMergeParts({ sql }: Connection, layout: Layout): MergeParts {
  const parts = 'receipt INDEXED BY receiptPending WHERE pending > 0 AND part IS NOT NULL AND vehicleId = ?';
  /** The nearest parts first, and how near a sample of them may be. */
  const listing = {
    forward: `SELECT id, fromMs AS edgeMs FROM ${parts} AND toMs >= ? AND fromMs <= ? ORDER BY fromMs`,
    backward: `SELECT id, toMs AS edgeMs FROM ${parts} AND fromMs <= ? AND toMs >= ? ORDER BY toMs DESC`,
  };

  function open(id: number): Opened {
    const blob = sql('SELECT part FROM receipt WHERE id = ?').get(id)?.part as Uint8Array;
    const rows = decodeParts([blob], layout);
    return { id, rows, offsets: offsetsOf(rows) };
  }

  /** The parts that samples of the page may be in, and the instant that it ends at. */
  function nearest({ vehicleId, direction, after, untilMs, limit }: Page): { opened: Opened[]; endMs: number } {
    const sign = direction === 'forward' ? 1 : -1;
    const opened: Opened[] = [];
    const times = new Set<number>();
    let endMs = untilMs;
    let enough = limit;
    for (const { id, edgeMs } of sql(listing[direction]).all(vehicleId, after.timeMs, untilMs)) {
      if (sign * ((edgeMs as number) - endMs) > 0) break;
      const part = open(id as number);
      opened.push(part);
      for (const at of part.offsets) {
        const timeMs = part.rows.data[at + 3] as number;
        if (sign * (timeMs - after.timeMs) > 0 && sign * (timeMs - endMs) <= 0) times.add(timeMs);
      }
      if (times.size < enough) continue;
      // So many instants are so many samples at least. Sorted again only when there are twice as many.
      enough = 2 * times.size;
      const sorted = Float64Array.from(times).sort();
      endMs = sorted.at(sign * limit - (sign === 1 ? 1 : 0)) as number;
    }
    return { opened, endMs };
  }

  return (rows, page) => {
    const { opened, endMs } = nearest(page);
    if (opened.length === 0) return rows;
    const sign = page.direction === 'forward' ? 1 : -1;
    const compare = (a: Place, b: Place) => sign * comparePlaces(a, b);
    const after: Place = [page.after.timeMs, page.after.device];
    const merged = new Map(rows.map((row) => [keyOf(row), row]));
    for (const part of opened.sort((a, b) => a.id - b.id)) {
      for (const at of part.offsets) {
        const place = placeAt(part.rows, at);
        if (compare(place, after) <= 0 || sign * (place[0] - endMs) > 0) continue;
        const key = keyOf(place);
        const row: Row = merged.get(key) ?? [...place, ...layout.columns.map(() => null)];
        merged.set(key, row);
        setFields(row, part.rows, at, layout);
      }
    }
    return Array.from(merged.values()).sort(compare).slice(0, page.limit);
  };
}

type Place = readonly [timeMs: number, device: string, ...unknown[]];

const keyOf = ([timeMs, device]: Place) => `${timeMs} ${device}`;

function comparePlaces(a: Place, b: Place): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : Number(a[1] > b[1]));
}

function placeAt({ data, devices }: EncodedRows, at: number): [timeMs: number, device: string] {
  return [data[at + 3] as number, devices[data[at + 2] as number] as string];
}

/** Overwrites the fields that a sample has. */
function setFields(row: Row, { data, shapes, strings }: EncodedRows, at: number, { columns }: Layout): void {
  for (const [i, index] of (shapes[data[at] as number] as number[]).entries()) {
    const value = data[at + rowHead + i] as number;
    row[index + 2] = isText(columns[index] as Column) ? (strings[value] as string) : value;
  }
}
