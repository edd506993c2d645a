import type { Column } from '../../telemetry/columns.ts';
import { type EncodedRows, isText, Names, offsetsOf, rowHead } from '../rows.ts';
import type { Layout } from './layout.ts';
import type { OrderedRows } from './write-samples.ts';

/**
 * Samples of one vehicle as one blob, which their receipt carries until somebody derives from them: writing it costs a
 * fraction of what a row for each sample does (decisions/0013). Layout: the length of the header (32 bits, little endian),
 * the header as JSON, zeros up to a multiple of 8, and then the rows of {@link EncodedRows} as they are.
 */
interface Header {
  devices: string[];
  /** Names of fields, because their indexes change with the schema. */
  shapes: string[][];
  strings: string[];
}

type Columns = Layout['columns'];

export interface PartEncoder {
  /** A part of the rows from one place in the order to another, all of one vehicle. */
  encode(from: number, to: number): Uint8Array;
}

/** Makes parts of a commit's rows. */
export function partEncoder(
  rows: EncodedRows,
  { order, offsets }: Pick<OrderedRows, 'order' | 'offsets'>,
  { columns }: Layout,
): PartEncoder {
  const { data, devices, shapes, strings } = rows;
  const lengths = shapes.map((fields) => rowHead + fields.length);
  const hasText = shapes.map((fields) => fields.some((index) => isText(columns[index] as Column)));
  const namesOf = (shape: number) => (shapes[shape] as number[]).map((index) => (columns[index] as Column).name);
  /** Headers of parts whose rows have one shape and one device, by both: most parts are such. */
  const headers = new Map<string, Uint8Array>();

  function plainHeader(shape: number, device: number): Uint8Array {
    const key = `${shape} ${device}`;
    const header =
      headers.get(key) ?? headerBytes({ devices: [devices[device] as string], shapes: [namesOf(shape)], strings: [] });
    headers.set(key, header);
    return header;
  }

  /** Rows of one shape and device, without text, differ from what they were in nothing but three indexes. */
  function plain(from: number, to: number, shape: number, device: number): Uint8Array {
    const header = plainHeader(shape, device);
    const length = lengths[shape] as number;
    const count = length * (to - from);
    // Out of Node's pool of 8 KiB where it is small: memory of its own costs more than what goes into it.
    const blob = Buffer.allocUnsafe(header.length + 8 * count);
    blob.set(header);
    const doubles = new Float64Array(blob.buffer, blob.byteOffset + header.length, count);
    let at = 0;
    for (let place = from; place < to; place++, at += length) {
      const source = offsets[order[place] as number] as number;
      doubles[at] = 0;
      doubles[at + 1] = 0;
      doubles[at + 2] = 0;
      for (let i = 3; i < length; i++) doubles[at + i] = data[source + i] as number;
    }
    return blob;
  }

  function mixed(from: number, to: number): Uint8Array {
    const header: Header = { devices: [], shapes: [], strings: [] };
    const [shapeOf, deviceOf] = [new Map<number, number>(), new Map<number, number>()];
    const values: number[] = [];
    for (let place = from; place < to; place++) {
      const source = offsets[order[place] as number] as number;
      const [shape, device] = [data[source] as number, data[source + 2] as number];
      if (!shapeOf.has(shape)) shapeOf.set(shape, header.shapes.push(namesOf(shape)) - 1);
      if (!deviceOf.has(device)) deviceOf.set(device, header.devices.push(devices[device] as string) - 1);
      values.push(shapeOf.get(shape) as number, 0, deviceOf.get(device) as number, data[source + 3] as number);
      for (const [i, index] of (shapes[shape] as number[]).entries()) {
        const value = data[source + rowHead + i] as number;
        values.push(isText(columns[index] as Column) ? header.strings.push(strings[value] as string) - 1 : value);
      }
    }
    const bytes = headerBytes(header);
    const blob = new Uint8Array(bytes.length + 8 * values.length);
    blob.set(bytes);
    new Float64Array(blob.buffer, bytes.length).set(values);
    return blob;
  }

  return {
    encode(from, to) {
      const first = offsets[order[from] as number] as number;
      const [shape, device] = [data[first] as number, data[first + 2] as number];
      if (hasText[shape]) return mixed(from, to);
      for (let place = from + 1; place < to; place++) {
        const at = offsets[order[place] as number] as number;
        if (data[at] !== shape || data[at + 2] !== device) return mixed(from, to);
      }
      return plain(from, to, shape, device);
    },
  };
}

function headerBytes(header: Header): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const bytes = new Uint8Array(headerEnd(text.length));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, lengthBytes);
  return bytes;
}

const lengthBytes = 4;

/** Where the rows of a part begin. */
function rowsAt(blob: Uint8Array): number {
  return headerEnd(headerLength(blob));
}

/** The next multiple of 8. */
function headerEnd(textLength: number): number {
  return Math.ceil((lengthBytes + textLength) / 8) * 8;
}

function headerLength({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0, true);
}

/** One part of several of the same vehicle, in their order. */
export function joinParts(blobs: readonly Uint8Array[], layout: Layout): Uint8Array {
  const [first] = blobs as [Uint8Array];
  const rowsFrom = rowsAt(first);
  const header = Buffer.from(first.buffer, first.byteOffset, rowsFrom);
  const hasIt = (blob: Uint8Array) => blob.length >= rowsFrom && header.compare(blob, 0, rowsFrom) === 0;
  // Most have the same header, by which the rows of one say the same in the other.
  if (blobs.every(hasIt)) return joinRows(blobs, rowsFrom);
  const rows = decodeParts(blobs, layout);
  const order = Uint32Array.from({ length: rows.count }, (_, row) => row);
  return partEncoder(rows, { order, offsets: offsetsOf(rows) }, layout).encode(0, rows.count);
}

/** The last one first, so that each writes over the header of the next, and none need be cut. */
function joinRows(blobs: readonly Uint8Array[], rowsFrom: number): Uint8Array {
  let end = rowsFrom;
  for (const blob of blobs) end += blob.length - rowsFrom;
  const joined = Buffer.allocUnsafe(end);
  for (let i = blobs.length - 1; i >= 0; i--) {
    const blob = blobs[i] as Uint8Array;
    end -= blob.length - rowsFrom;
    joined.set(blob, end - rowsFrom);
  }
  return joined;
}

/**
 * The rows of parts of one vehicle, which they do not name, in the order of the parts. Throws where a blob is none, or has
 * a field nobody knows.
 */
export function decodeParts(blobs: readonly Uint8Array[], { columns }: Layout): EncodedRows {
  const parts = blobs.map(readPart);
  const joined: EncodedRows = {
    data: new Float64Array(parts.reduce((sum, { rows }) => sum + rows.length, 0)),
    length: 0,
    count: 0,
    vehicles: [''],
    devices: [],
    shapes: [],
    strings: [],
  };
  const [shapeNames, devices] = [new Names(), new Names()];
  const { data } = joined;
  for (const { header, rows } of parts) {
    const shapes = header.shapes.map((fields) => shapeNames.indexOf(fields.join()));
    const fieldsOf = header.shapes.map((fields) => fields.map((name) => indexOf(columns, name)));
    for (const [i, shape] of shapes.entries()) joined.shapes[shape] = fieldsOf[i] as number[];
    const deviceOf = header.devices.map((device) => devices.indexOf(device));
    data.set(rows, joined.length);
    const end = joined.length + rows.length;
    for (let at = joined.length; at < end; joined.count++) {
      const fields = fieldsOf[data[at] as number] as number[];
      data[at] = shapes[data[at] as number] as number;
      data[at + 2] = deviceOf[data[at + 2] as number] as number;
      at += rowHead;
      for (let i = 0; i < fields.length; i++, at++) {
        if (!isText(columns[fields[i] as number] as Column)) continue;
        data[at] = joined.strings.push(header.strings[data[at] as number] as string) - 1;
      }
    }
    joined.length = end;
  }
  joined.devices = devices.list;
  return joined;
}

/** A field that the program does not know, which one with more fields has put into a part; undefined where there is none. */
export function unknownField(blob: Uint8Array, { columns }: Layout): string | undefined {
  const { shapes } = headerOf(blob);
  return shapes.flat().find((name) => !columns.some((column) => column.name === name));
}

function headerOf(blob: Uint8Array): Header {
  const text = Buffer.from(blob.buffer, blob.byteOffset + lengthBytes, headerLength(blob)).toString();
  return JSON.parse(text);
}

function readPart(blob: Uint8Array): { header: Header; rows: Float64Array } {
  // A copy, because doubles stand at multiples of 8 of the memory.
  const bytes = new Uint8Array(blob.subarray(rowsAt(blob)));
  return { header: headerOf(blob), rows: new Float64Array(bytes.buffer) };
}

function indexOf(columns: Columns, name: string): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index === -1)
    throw new Error(`the data file has samples with the field ${name}, which this program does not know`);
  return index;
}
