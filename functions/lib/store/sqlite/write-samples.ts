import { columns } from '../../telemetry/columns.ts';
import { type EncodedRows, rowHead } from '../rows.ts';
import type { Connection } from './statements.ts';

type Value = number | string;

/** Rows of the same shape that go to one statement; more gain nothing (performance facts), fewer cost a call each. */
const rowsPerStatement = [20, 4, 1] as const;

const dayLengthMs = 86_400_000;

/**
 * Merges rows into the samples, in order of (vehicle, time) because scattered rows cost four times as much, and rows
 * under one identity in the order they came: the last write wins, field by field.
 */
export function insertRows(connection: Connection, vehicleIds: VehicleIds, rows: EncodedRows): RowRef[] {
  const ordered = orderRows(rows, vehicleIds);
  let from = 0;
  while (from < ordered.length) {
    const shape = (ordered[from] as RowRef).shape;
    let to = from + 1;
    while (to < ordered.length && (ordered[to] as RowRef).shape === shape) to++;
    insertShape(connection, rows, rows.shapes[shape] as number[], ordered, from, to);
    from = to;
  }
  return ordered;
}

/** Where a row stands in the encoded rows. */
export interface RowRef {
  at: number;
  shape: number;
  vehicleId: number;
  timeMs: number;
  /** Its place in the order of arrival. */
  index: number;
}

export type VehicleIds = (name: string) => number;

function orderRows(rows: EncodedRows, vehicleIds: VehicleIds): RowRef[] {
  const ids = rows.vehicles.map(vehicleIds);
  const refs: RowRef[] = new Array(rows.count);
  for (let at = 0, index = 0; at < rows.length; index++) {
    const shape = rows.data[at] as number;
    refs[index] = {
      at,
      shape,
      vehicleId: ids[rows.data[at + 1] as number] as number,
      timeMs: rows.data[at + 3] as number,
      index,
    };
    at += rowHead + (rows.shapes[shape] as number[]).length;
  }
  return refs.sort((a, b) => a.vehicleId - b.vehicleId || a.timeMs - b.timeMs || a.index - b.index);
}

function insertShape(
  connection: Connection,
  rows: EncodedRows,
  fields: number[],
  ordered: RowRef[],
  from: number,
  to: number,
): void {
  const text = fields.map((index) => {
    const kind = columns[index]?.kind;
    return kind === 'text' || kind === 'list';
  });
  let next = from;
  for (const size of rowsPerStatement) {
    while (to - next >= size) {
      const values: Value[] = [];
      for (let end = next + size; next < end; next++) {
        const { at, vehicleId, timeMs } = ordered[next] as RowRef;
        values.push(vehicleId, timeMs, rows.devices[rows.data[at + 2] as number] as string);
        for (let i = 0; i < fields.length; i++) {
          const value = rows.data[at + rowHead + i] as number;
          values.push(text[i] ? (rows.strings[value] as string) : value);
        }
      }
      connection.sql(mergeText(fields, size)).run(...values);
    }
  }
}

const mergeTexts = new Map<string, string>();

function mergeText(fields: number[], size: number): string {
  const key = `${size}:${fields.join()}`;
  const known = mergeTexts.get(key);
  if (known) return known;
  const names = fields.map((index) => columns[index]?.name as string);
  const row = `(${new Array(names.length + 3).fill('?').join(',')})`;
  const update = names.length
    ? `DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
    : 'DO NOTHING';
  const text = `INSERT INTO sample (vehicleId, timeMs, device${names.map((name) => `, ${name}`).join('')})
    VALUES ${new Array(size).fill(row).join(',')} ON CONFLICT (vehicleId, timeMs, device) ${update}`;
  if (mergeTexts.size >= 512) mergeTexts.clear();
  mergeTexts.set(key, text);
  return text;
}

/**
 * One receipt per vehicle and UTC day of the commit's rows.
 *
 * @returns for each row, in order of arrival, the id of the receipt that covers it
 */
export function insertReceipts(
  { sql }: Connection,
  ordered: readonly RowRef[],
  receivedMs: number,
  pending: number,
): number[] {
  const insert = sql(`INSERT INTO receipt (vehicleId, dayMs, fromMs, toMs, count, receivedMs, pending, rollup)
    VALUES (?, ?, ?, ?, ?, ?, ?, 2)`);
  const covering: number[] = new Array(ordered.length);
  let from = 0;
  while (from < ordered.length) {
    const first = ordered[from] as RowRef;
    const dayMs = Math.floor(first.timeMs / dayLengthMs) * dayLengthMs;
    let to = from + 1;
    for (; to < ordered.length; to++) {
      const row = ordered[to] as RowRef;
      if (row.vehicleId !== first.vehicleId || row.timeMs >= dayMs + dayLengthMs) break;
    }
    const toMs = (ordered[to - 1] as RowRef).timeMs;
    const done = insert.run(first.vehicleId, dayMs, first.timeMs, toMs, to - from, receivedMs, pending);
    for (let i = from; i < to; i++) covering[(ordered[i] as RowRef).index] = Number(done.lastInsertRowid);
    from = to;
  }
  return covering;
}
