import { latestDepth } from '../latest.ts';
import { type EncodedRows, grown, isText, Names, rowHead } from '../rows.ts';
import type { Layout } from './layout.ts';
import { createMergeParts, type Page } from './read-parts.ts';
import type { Connection } from './statements.ts';

/** Where a page of samples goes on. */
export interface SamplePlace {
  timeMs: number;
  device: string;
}

type Value = number | string | null;
/** `[timeMs, device, …columns]`. */
export type Row = [timeMs: number, device: string, ...columns: Value[]];

/** The reads that answer samples: SQLite's row arrays, and what is still in parts, as encoded rows. */
export function createSampleReads(connection: Connection, layout: Layout) {
  const { columns } = layout;
  const { db, arrays } = connection;
  const mergeParts = createMergeParts(connection, layout);
  const names = ['timeMs', 'device', ...columns.map(({ name }) => name)].join(', ');
  const isTextAt = columns.map(isText);
  const rowsOf = (condition: string, ...values: (number | string)[]): Row[] =>
    arrays(`SELECT ${names} FROM sample ${condition}`).all(...values) as unknown as Row[];

  /** Of rows and parts as they are at one instant: the writer makes rows of parts. */
  function together(read: () => Row[]): EncodedRows {
    db.exec('BEGIN');
    try {
      return encode(read(), isTextAt);
    } finally {
      db.exec('COMMIT');
    }
  }

  function read(page: Page, condition: string, ...values: (number | string)[]): EncodedRows {
    const where = `WHERE vehicleId = ? AND ${condition} LIMIT ?`;
    return together(() => mergeParts(rowsOf(where, page.vehicleId, ...values, page.limit), page));
  }

  function before(vehicleId: number, place: SamplePlace, limit: number): EncodedRows {
    const page: Page = { vehicleId, direction: 'backward', after: place, untilMs: -Infinity, limit };
    const condition = '(timeMs, device) < (?, ?) ORDER BY timeMs DESC, device DESC';
    return read(page, condition, place.timeMs, place.device);
  }

  return {
    after(vehicleId: number, place: SamplePlace, toMs: number, limit: number): EncodedRows {
      const page: Page = { vehicleId, direction: 'forward', after: place, untilMs: toMs, limit };
      const condition = '(timeMs, device) > (?, ?) AND timeMs <= ? ORDER BY timeMs, device';
      return read(page, condition, place.timeMs, place.device, toMs);
    },

    before,

    latest: (vehicleId: number): EncodedRows =>
      before(vehicleId, { timeMs: Number.MAX_SAFE_INTEGER, device: '' }, latestDepth),

    /**
     * By the index of samples with codes, which the planner would pass over for the primary key. All of them are rows
     * (writes.ts), but other fields of the one that is found may still be in parts.
     */
    withCodes(vehicleId: number, timeMs: number, side: 'before' | 'after'): EncodedRows {
      const range =
        side === 'before' ? 'timeMs < ? ORDER BY timeMs DESC, device DESC' : 'timeMs > ? ORDER BY timeMs, device';
      const coded = 'INDEXED BY sampleCodes WHERE vehicleId = ? AND codesStored IS NOT NULL';
      return together(() => {
        const [row] = rowsOf(`${coded} AND ${range} LIMIT 1`, vehicleId, timeMs);
        if (!row) return [];
        const [foundMs, device] = row;
        const after = { timeMs: foundMs, device: '' };
        const instant: Page = { vehicleId, direction: 'forward', after, untilMs: foundMs, limit: Infinity };
        return mergeParts([row], instant).filter((one) => one[1] === device);
      });
    },
  };
}

function encode(rows: Row[], isTextAt: boolean[]): EncodedRows {
  let data = new Float64Array(Math.max(64, rows.length * 16));
  let at = 0;
  const devices = new Names();
  const shapes: number[][] = [];
  const shapeByKey = new Map<string, number>();
  const strings: string[] = [];
  let shape = 0;
  let fields: number[] = [];
  for (const row of rows) {
    const widest = at + rowHead + isTextAt.length;
    if (widest > data.length) data = grown(data, widest);
    let filled = 0;
    let isSameShape = true;
    for (let index = 0; index < isTextAt.length; index++) {
      const value = row[index + 2] as Value;
      if (value === null) continue;
      if (fields[filled] !== index) isSameShape = false;
      data[at + rowHead + filled++] = isTextAt[index] ? strings.push(value as string) - 1 : (value as number);
    }
    if (!isSameShape || filled !== fields.length || shapes.length === 0) {
      fields = fieldsOf(row, isTextAt.length);
      const key = fields.join();
      shape = shapeByKey.get(key) ?? shapes.push(fields) - 1;
      shapeByKey.set(key, shape);
    }
    data[at] = shape;
    data[at + 2] = devices.indexOf(row[1]);
    data[at + 3] = row[0];
    at += rowHead + filled;
  }
  return { data, length: at, count: rows.length, vehicles: [], devices: devices.list, shapes, strings };
}

function fieldsOf(row: Row, width: number): number[] {
  const fields: number[] = [];
  for (let index = 0; index < width; index++) if (row[index + 2] !== null) fields.push(index);
  return fields;
}
