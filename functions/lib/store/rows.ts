import type { Column } from '../telemetry/columns.ts';

/**
 * Samples on their way between threads: one flat array of doubles and a table of strings, because cloning an object a
 * sample costs more than writing it to disk. A row is `[shape, vehicle, device, timeMs, value…]`, where the first three
 * are indexes and the values follow the fields of the shape; text and lists are indexes into `strings`.
 */
export interface EncodedRows {
  data: Float64Array<ArrayBuffer>;
  /** Doubles in use. */
  length: number;
  count: number;
  vehicles: string[];
  devices: string[];
  /** Indexes into `columns` (telemetry/columns.ts). */
  shapes: number[][];
  strings: string[];
}

/** Whether the value of a column is an index into `strings`. */
export function isText({ kind }: Column): boolean {
  return kind === 'text' || kind === 'list';
}

/** Doubles of a row before its values. */
export const rowHead = 4;

/** Names in the order they first came, by index. */
export class Names {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    this.#index.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

/** The same doubles with room for at least `need`. */
export function grown(data: Float64Array<ArrayBuffer>, need: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(need, data.length * 2));
  larger.set(data);
  return larger;
}

/** Of each row, by its number, where it begins. */
export function offsetsOf({ data, count, shapes }: EncodedRows): Uint32Array {
  const offsets = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < count; row++) {
    offsets[row] = at;
    at += rowHead + (shapes[data[at] as number] as number[]).length;
  }
  return offsets;
}
