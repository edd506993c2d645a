import { columns } from '../telemetry/columns.ts';
import type { Sample } from '../telemetry/sample.ts';
import { type EncodedRows, grown, Names, rowHead } from './rows.ts';

const indexByName = new Map<string, number>(columns.map((column, index) => [column.name, index]));

export interface RowEncoder {
  /** Rows so far. */
  readonly count: number;
  /** Characters of text so far. */
  readonly characters: number;
  add(vehicle: string, sample: Sample): void;
  /** The rows; the encoder is empty afterwards. */
  take(): EncodedRows;
}

export function createRowEncoder(initialDoubles = 1024): RowEncoder {
  let rows = emptyRows(initialDoubles);
  let names = { vehicles: new Names(), devices: new Names(), orders: new Orders() };
  let characters = 0;

  function textIndex(value: string): number {
    characters += value.length;
    return rows.strings.push(value) - 1;
  }

  return {
    get count() {
      return rows.count;
    },
    get characters() {
      return characters;
    },
    add(vehicle, sample) {
      const { shape, fields, slots } = names.orders.of(sample);
      const at = rows.length;
      const need = at + rowHead + slots.length;
      if (need > rows.data.length) rows.data = grown(rows.data, need);
      const { data } = rows;
      data[at] = shape;
      data[at + 1] = names.vehicles.indexOf(vehicle);
      data[at + 2] = names.devices.indexOf(sample.device);
      data[at + 3] = sample.timeMs;
      for (let i = 0; i < slots.length; i++) {
        const value = sample[fields[i] as keyof Sample];
        data[at + rowHead + (slots[i] as number)] =
          typeof value === 'number'
            ? value
            : typeof value === 'boolean'
              ? Number(value)
              : textIndex(typeof value === 'string' ? value : JSON.stringify(value));
      }
      rows.length = need;
      rows.count++;
    },
    take() {
      const taken = {
        ...rows,
        vehicles: names.vehicles.list,
        devices: names.devices.list,
        shapes: names.orders.shapes,
      };
      rows = emptyRows(initialDoubles);
      names = { vehicles: new Names(), devices: new Names(), orders: new Orders() };
      characters = 0;
      return taken;
    },
  };
}

function emptyRows(doubles: number): Pick<EncodedRows, 'data' | 'length' | 'count' | 'strings'> {
  return { data: new Float64Array(doubles), length: 0, count: 0, strings: [] };
}

/** The fields of a sample in the order they stand in it, and where the value of each goes in a row of the shape. */
interface Order {
  shape: number;
  fields: string[];
  slots: number[];
  /** Every name the sample had, values or not, as compared with the next sample. */
  names: string[];
}

/** Shapes by the names in the order they stand in a sample: clients send the same order again and again. */
class Orders {
  readonly shapes: number[][] = [];
  readonly #byNames = new Map<string, Order>();
  readonly #byShape = new Map<string, number>();
  #last: Order = { shape: 0, fields: [], slots: [], names: [] };

  of(sample: Sample): Order {
    const { names } = this.#last;
    let i = 0;
    for (const name in sample)
      if (sample[name as keyof Sample] !== undefined && names[i++] !== name) return this.#find(sample);
    if (i !== names.length) return this.#find(sample);
    return this.#last;
  }

  #find(sample: Sample): Order {
    const names = Object.keys(sample).filter((name) => sample[name as keyof Sample] !== undefined);
    const key = names.join();
    const order = this.#byNames.get(key) ?? this.#orderOf(names);
    this.#byNames.set(key, order);
    this.#last = order;
    return order;
  }

  #orderOf(names: string[]): Order {
    const fields = names.filter((name) => indexByName.has(name));
    const indexes = fields.map((name) => indexByName.get(name) as number);
    const sorted = indexes.toSorted((a, b) => a - b);
    const key = sorted.join();
    const shape = this.#byShape.get(key) ?? this.shapes.push(sorted) - 1;
    this.#byShape.set(key, shape);
    return { shape, fields, slots: indexes.map((index) => sorted.indexOf(index)), names };
  }
}
