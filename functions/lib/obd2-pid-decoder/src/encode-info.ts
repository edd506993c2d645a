import type { InfoMessage } from './answer.ts';
import { done, failed, type Result } from './errors.ts';
import { fromHex } from './hex.ts';
import { INFO_TYPES, type InfoFormat } from './info-type.ts';

/** Values as they are decoded: text, hex items or numbers. */
export type EncodableInfo = InfoMessage['value'] | readonly string[] | readonly number[];

/** What follows `49 type` on CAN: the number of data items, except with type 00, and the data. */
export function encodeInfo(pid: number, value: EncodableInfo): Result<Uint8Array> {
  const type = INFO_TYPES[pid];
  if (type === undefined) return failed('unknown-pid', `mode 09 type ${pid}`);
  const items = itemsOf(type.format, value);
  if (items === undefined) return failed('bad-text', `${type.name}: ${String(value)} cannot be encoded`);
  if (items.length > 255) return failed('too-long', `${items.length} items, at most 255`);
  const data = Uint8Array.from(items.flatMap((item) => [...item]));
  const counted = type.format.kind !== 'pids' && type.format.kind !== 'count';
  return done(counted ? Uint8Array.from([items.length, ...data]) : data);
}

function itemsOf(format: InfoFormat, value: EncodableInfo): Uint8Array[] | undefined {
  switch (format.kind) {
    case 'pids':
      return only(Array.isArray(value) ? bitmap(value) : undefined);
    case 'count':
      return only(typeof value === 'number' ? integer(value, 1) : undefined);
    case 'vin':
      return only(typeof value === 'string' && /^[A-HJ-NPR-Z0-9]{17}$/.test(value) ? text(value, 17) : undefined);
    case 'text':
      if (!format.many) return only(typeof value === 'string' ? text(value, format.size) : undefined);
      return each(value, (item) => (typeof item === 'string' ? text(item, format.size) : undefined));
    case 'hex':
      return each(value, (item) => {
        const bytes = typeof item === 'string' ? fromHex(item) : undefined;
        return bytes?.length === format.size ? bytes : undefined;
      });
    case 'counters':
      return each(value, (item) => (typeof item === 'number' ? integer(item, 2) : undefined));
  }
}

function only(item: Uint8Array | undefined): Uint8Array[] | undefined {
  return item === undefined ? undefined : [item];
}

function each(value: EncodableInfo, make: (item: unknown) => Uint8Array | undefined): Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items: Uint8Array[] = [];
  for (const item of value) {
    const bytes = make(item);
    if (bytes === undefined) return undefined;
    items.push(bytes);
  }
  return items;
}

function bitmap(types: readonly unknown[]): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  for (const type of types) {
    const bit = Number(type) - 1;
    if (!Number.isInteger(bit) || bit < 0 || bit > 31) return undefined;
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return bytes;
}

function integer(value: number, size: 1 | 2): Uint8Array | undefined {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) return undefined;
  return size === 1 ? Uint8Array.of(value) : Uint8Array.of(value >> 8, value & 0xff);
}

/** Printable ASCII without blanks at the end, filled up with NUL. */
function text(value: string, size: number): Uint8Array | undefined {
  if (value.length > size || !/^(?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return undefined;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < value.length; at++) bytes[at] = value.charCodeAt(at);
  return bytes;
}
