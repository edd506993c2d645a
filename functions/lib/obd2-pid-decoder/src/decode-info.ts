import type { InfoMessage } from './answer.ts';
import { readBytes } from './bits.ts';
import { toHex } from './hex.ts';
import { INFO_TYPES } from './info-type.ts';
import type { Sink } from './sink.ts';

/**
 * One complete information type of mode 09. `data` is what follows the type and, on CAN, the number of data items;
 * on other buses the parts of all messages, joined.
 */
export function decodeInfo(pid: number, data: Uint8Array, ecu: string | undefined, sink: Sink): void {
  const type = INFO_TYPES[pid];
  if (type === undefined) {
    sink.error('unknown-pid', `mode 09 type ${pid}`, { ecu, mode: 9, pid });
    return;
  }
  const value = readInfo(pid, data);
  if (typeof value === 'object' && 'problem' in value) {
    sink.error(value.problem, `${type.name}: ${toHex(data.subarray(0, 24))}`, { ecu, mode: 9, pid });
    return;
  }
  const message: InfoMessage = { kind: 'info', mode: 9, pid, name: type.name, value };
  sink.messages.push(ecu === undefined ? message : { ...message, ecu });
}

type InfoValue = InfoMessage['value'] | { problem: 'short-data' | 'bad-text' };

const SHORT = { problem: 'short-data' } as const;
const BAD_TEXT = { problem: 'bad-text' } as const;

function readInfo(pid: number, data: Uint8Array): InfoValue {
  const format = INFO_TYPES[pid]?.format;
  switch (format?.kind) {
    case 'pids':
      return data.length < 4 ? SHORT : supportedTypes(data);
    case 'count':
      return data[0] ?? SHORT;
    case 'vin':
      return readVin(data);
    case 'text': {
      if (!format.many) return readText(data.subarray(0, format.size)) ?? BAD_TEXT;
      const texts = items(data, format.size).map(readText);
      if (texts.length === 0) return SHORT;
      return texts.every((text) => text !== undefined) ? texts : BAD_TEXT;
    }
    case 'hex': {
      const numbers = items(data, format.size).map((item) => toHex(item));
      return numbers.length === 0 ? SHORT : numbers;
    }
    case 'counters': {
      const counters = items(data, 2).map((item) => readBytes(item, 0, 2));
      return counters.length === 0 ? SHORT : counters;
    }
    default:
      return SHORT;
  }
}

function supportedTypes(data: Uint8Array): number[] {
  const types: number[] = [];
  for (let bit = 0; bit < 32; bit++) {
    if (((data[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) types.push(bit + 1);
  }
  return types;
}

/** Whole items only: padding at the end of a frame is no item. */
function items(data: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.floor(data.length / size) }, (_, index) =>
    data.subarray(index * size, (index + 1) * size),
  );
}

/** 17 characters of ISO 3779 (no I, O, Q), padded with NUL on the left where frames are longer. */
function readVin(data: Uint8Array): InfoValue {
  const text = readText(data);
  if (text === undefined) return BAD_TEXT;
  if (text.length < 17) return SHORT;
  return /^[A-HJ-NPR-Z0-9]{17}$/.test(text) ? text : BAD_TEXT;
}

/** Printable ASCII; NULs are padding and are dropped, as are blanks at the end. */
function readText(data: Uint8Array): string | undefined {
  let text = '';
  for (const byte of data) {
    if (byte === 0) continue;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text.trimEnd();
}
