import type { PidValue } from './answer.ts';
import { holds, readBits, readBytes, readFlag, readRaw } from './bits.ts';
import type { AnswerErrorCode } from './errors.ts';
import { toHex } from './hex.ts';
import type { Field, NumberField, PidRow } from './pid-row.ts';
import { decodeTroubleCode } from './trouble-code.ts';

/** Told of each value that had to be left out. */
export type OnBadValue = (code: AnswerErrorCode, detail: string) => void;

/**
 * The values of one PID. `data` holds its data bytes alone (A is `data[0]`) and may be shorter than the row where
 * an earlier edition of the standard was; values beyond its end are left out.
 */
export function decodePid(row: PidRow, data: Uint8Array, onBadValue: OnBadValue): PidValue[] {
  const values: PidValue[] = [];
  for (const field of row.values) {
    if (field.at + sizeOf(field) > data.length || !holds(field.needs, data)) continue;
    const value = decodeField(field, data, onBadValue);
    if (value !== undefined) values.push({ name: field.name, value, unit: field.kind === 'number' ? field.unit : '' });
  }
  return values;
}

function decodeField(field: Field, data: Uint8Array, onBadValue: OnBadValue): PidValue['value'] | undefined {
  switch (field.kind) {
    case 'number':
      return decodeNumber(field, data, onBadValue);
    case 'flag':
      return readFlag(data, field);
    case 'choice': {
      const raw = readBits(data, field.at, field.shift, field.width);
      const word = field.words[raw];
      if (word === undefined) onBadValue('reserved-value', `${field.name}: ${raw} is reserved`);
      return word;
    }
    case 'set': {
      const raw = readBits(data, field.at, field.shift, field.width);
      return field.words.filter((_, bit) => ((raw >> bit) & 1) === 1);
    }
    case 'pids': {
      const pids: number[] = [];
      for (let bit = 0; bit < 32; bit++) {
        if (((data[field.at + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) pids.push(field.base + 1 + bit);
      }
      return pids;
    }
    case 'code': {
      const raw = readBytes(data, field.at, 2);
      return raw === 0 ? undefined : decodeTroubleCode(raw >> 8, raw & 0xff);
    }
    case 'raw':
      return toHex(data.subarray(field.at, field.size === null ? data.length : field.at + field.size));
  }
}

function decodeNumber(field: NumberField, data: Uint8Array, onBadValue: OnBadValue): number | undefined {
  const raw = readRaw(data, field);
  if (raw === field.absent) return undefined;
  const value = (raw * field.mul) / field.div + field.add;
  if (value < field.min || value > field.max) {
    onBadValue('out-of-bounds', `${field.name}: ${value} ${field.unit} is not within ${field.min} to ${field.max}`);
    return undefined;
  }
  return value;
}

/** Bytes a field takes from its offset on. */
export function sizeOf(field: Field): number {
  switch (field.kind) {
    case 'number':
      return field.size;
    case 'pids':
      return 4;
    case 'code':
      return 2;
    case 'raw':
      return field.size ?? 0;
    default:
      return 1;
  }
}
