import type { StatementSync } from 'node:sqlite';
import type { Column } from '../../telemetry/columns.ts';
import { type EncodedRows, isText, offsetsOf, rowHead } from '../rows.ts';
import type { Conflicts } from './conflicts.ts';
import type { Layout } from './layout.ts';
import type { RecentChanges } from './recent-changes.ts';
import { atOnce, type Connection, maxAtOnce, textBySize } from './statements.ts';
import type { VehicleIds } from './vehicle-ids.ts';

/** Rows of the same shape that go to one statement: few sizes, because each is a statement of its own for each shape. */
const rowsPerStatement = [maxAtOnce, 4, 1] as const;

/** Where the rows of a commit stand, by their order of arrival, and the order they are written in. */
export interface OrderedRows {
  /** Row numbers in order of (vehicle, time, arrival). */
  order: Uint32Array;
  /** Of each row, by its number, where it begins in the encoded data. */
  offsets: Uint32Array;
  vehicleIds: Float64Array;
  timesMs: Float64Array;
}

/**
 * Merges rows into the samples, in order of (vehicle, time) because scattered rows cost four times as much, and rows
 * under one identity in the order they came: the last write wins, field by field.
 *
 * @param conflicts told of the rows that are there already and say something else; not of derived ones, which always are
 */
export function insertRows(
  connection: Connection,
  { columns }: Layout,
  rows: EncodedRows,
  ordered: OrderedRows,
  conflicts?: Conflicts,
): void {
  const { order, offsets } = ordered;
  const shapeAt = (place: number) => rows.data[offsets[order[place] as number] as number] as number;
  const inserts = rows.shapes.map((shape) =>
    insertOf(
      connection,
      shape.map((index) => columns[index] as Column),
      conflicts,
    ),
  );
  for (let from = 0; from < order.length; ) {
    const shape = shapeAt(from);
    let to = from + 1;
    while (to < order.length && shapeAt(to) === shape) to++;
    inserts[shape]?.(rows, ordered, from, to);
    from = to;
  }
}

export function orderRows(rows: EncodedRows, vehicleIds: VehicleIds): OrderedRows {
  const { data, count } = rows;
  const ids = rows.vehicles.map(vehicleIds);
  const offsets = offsetsOf(rows);
  const [order, idOf, timesMs] = [new Uint32Array(count), new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < count; row++) {
    const at = offsets[row] as number;
    order[row] = row;
    idOf[row] = ids[data[at + 1] as number] as number;
    timesMs[row] = data[at + 3] as number;
  }
  order.sort(
    (a, b) => (idOf[a] as number) - (idOf[b] as number) || (timesMs[a] as number) - (timesMs[b] as number) || a - b,
  );
  return { order, offsets, vehicleIds: idOf, timesMs };
}

type Insert = (rows: EncodedRows, ordered: OrderedRows, from: number, to: number) => void;

/** Inserts a run of rows of one shape. */
function insertOf({ sql }: Connection, fields: Column[], conflicts: Conflicts | undefined): Insert {
  const isTextAt = fields.map(isText);
  const statements = new Map<number, StatementSync>();
  const statementOf = (size: number) => {
    const statement = statements.get(size) ?? sql(mergeText(fields, size, conflicts));
    statements.set(size, statement);
    return statement;
  };
  return ({ data, devices, strings }, { order, offsets, vehicleIds, timesMs }, from, to) => {
    let next = from;
    for (const size of rowsPerStatement) {
      while (to - next >= size) {
        const values: (number | string)[] = [];
        for (const end = next + size; next < end; next++) {
          const row = order[next] as number;
          const at = offsets[row] as number;
          values.push(vehicleIds[row] as number, timesMs[row] as number, devices[data[at + 2] as number] as string);
          for (let i = 0; i < fields.length; i++) {
            const value = data[at + rowHead + i] as number;
            values.push(isTextAt[i] ? (strings[value] as string) : value);
          }
        }
        statementOf(size).run(...values);
      }
    }
  };
}

function mergeText(fields: Column[], size: number, conflicts: Conflicts | undefined): string {
  const row = `(${new Array(fields.length + 3).fill('?').join(',')})`;
  const names = fields.map(({ name }) => name);
  const condition = conflicts ? ` WHERE ${conflicts.condition(names)}` : '';
  const update = fields.length
    ? `DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}${condition}`
    : 'DO NOTHING';
  return `INSERT INTO sample (vehicleId, timeMs, device${fields.map(({ name }) => `, ${name}`).join('')})
    VALUES ${new Array(size).fill(row).join(',')} ON CONFLICT (vehicleId, timeMs, device) ${update}`;
}

const bumpText = textBySize(
  (size) => `UPDATE vehicle SET version = version + 1 WHERE id IN (${new Array(size).fill('?').join()})`,
);

/** So that a derived write that stands on older samples is seen (port.ts, Guard). Answers the ids of the vehicles. */
export function bumpVersions(
  { sql }: Connection,
  { order, vehicleIds, timesMs }: OrderedRows,
  changes: RecentChanges,
): number[] {
  const ids: number[] = [];
  for (let from = 0; from < order.length; ) {
    const first = order[from] as number;
    const id = vehicleIds[first] as number;
    let to = from + 1;
    while (to < order.length && vehicleIds[order[to] as number] === id) to++;
    changes.note(id, { fromMs: timesMs[first] as number, toMs: timesMs[order[to - 1] as number] as number });
    ids.push(id);
    from = to;
  }
  for (const several of atOnce(ids)) sql(bumpText(several.length)).run(...several);
  return ids;
}
