import { columns } from '../telemetry/columns.ts';
import type { Sample } from '../telemetry/sample.ts';

/**
 * Samples on their way between threads: one flat array of doubles and a table of strings, because cloning an object a
 * sample costs more than writing it to disk. A row is `[shape, vehicle, device, timeMs, value…]`, where the first three
 * are indexes and the values follow the fields of the shape; text and lists are indexes into `strings`.
 */
export interface EncodedRows {
  data: Float64Array;
  /** Doubles in use. */
  length: number;
  count: number;
  vehicles: string[];
  devices: string[];
  /** Indexes into {@link columns}, in ascending order. */
  shapes: number[][];
  strings: string[];
}

export const rowHead = 4;

const indexByName = new Map<string, number>(columns.map((column, index) => [column.name, index]));

export interface RowEncoder {
  /** Rows so far. */
  readonly count: number;
  add(vehicle: string, sample: Sample): void;
  /** The rows; the encoder is empty afterwards. */
  take(): EncodedRows;
}

export function createRowEncoder(initialDoubles = 1024): RowEncoder {
  let data = new Float64Array(initialDoubles);
  let length = 0;
  let count = 0;
  let strings: string[] = [];
  let vehicles = new Names();
  let devices = new Names();
  let shapes = new Shapes();

  const textIndex = (value: string) => strings.push(value) - 1;

  return {
    get count() {
      return count;
    },
    add(vehicle, sample) {
      const shape = shapes.of(sample);
      const fields = shapes.list[shape] as number[];
      const need = length + rowHead + fields.length;
      if (need > data.length) data = grown(data, need);
      data[length] = shape;
      data[length + 1] = vehicles.indexOf(vehicle);
      data[length + 2] = devices.indexOf(sample.device);
      data[length + 3] = sample.timeMs;
      let at = length + rowHead;
      for (const index of fields) {
        const column = columns[index] as (typeof columns)[number];
        const value = sample[column.name];
        data[at++] =
          typeof value === 'number'
            ? value
            : typeof value === 'boolean'
              ? Number(value)
              : textIndex(typeof value === 'string' ? value : JSON.stringify(value));
      }
      length = need;
      count++;
    },
    take() {
      const rows = { data, length, count, vehicles: vehicles.list, devices: devices.list, shapes: shapes.list, strings };
      data = new Float64Array(initialDoubles);
      length = 0;
      count = 0;
      strings = [];
      vehicles = new Names();
      devices = new Names();
      shapes = new Shapes();
      return rows;
    },
  };
}

/** The samples again, with the vehicle of each, in the order they were added. */
export function decodeRows(rows: EncodedRows): Sample[] {
  const samples: Sample[] = [];
  for (let at = 0; at < rows.length; ) {
    const fields = rows.shapes[rows.data[at] as number] as number[];
    const sample: Record<string, unknown> = {
      timeMs: rows.data[at + 3] as number,
      device: rows.devices[rows.data[at + 2] as number] as string,
    };
    at += rowHead;
    for (const index of fields) {
      const column = columns[index] as (typeof columns)[number];
      const value = rows.data[at++] as number;
      sample[column.name] = decodeValue(column.kind, value, rows.strings);
    }
    samples.push(sample as Sample);
  }
  return samples;
}

function decodeValue(kind: (typeof columns)[number]['kind'], value: number, strings: string[]): unknown {
  if (kind === 'number') return value;
  if (kind === 'flag') return value === 1;
  const text = strings[value] as string;
  return kind === 'text' ? text : JSON.parse(text);
}

class Names {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    this.#index.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

/** Shapes by the names in the order they stand in a sample: clients send the same order again and again. */
class Shapes {
  readonly list: number[][] = [];
  readonly #byOrder = new Map<string, number>();
  readonly #byFields = new Map<string, number>();

  of(sample: Sample): number {
    let key = '';
    for (const name in sample) if (sample[name as keyof Sample] !== undefined) key += `${name},`;
    const known = this.#byOrder.get(key);
    if (known !== undefined) return known;
    const fields = key
      .split(',')
      .flatMap((name) => indexByName.get(name) ?? [])
      .sort((a, b) => a - b);
    const canonical = fields.join();
    let shape = this.#byFields.get(canonical);
    if (shape === undefined) {
      shape = this.list.push(fields) - 1;
      this.#byFields.set(canonical, shape);
    }
    this.#byOrder.set(key, shape);
    return shape;
  }
}

function grown(data: Float64Array<ArrayBuffer>, need: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(need, data.length * 2));
  larger.set(data);
  return larger;
}
