import type { PidValue } from './answer.ts';
import { holds, readBits, readFlag, readRaw, writeBits, writeBytes } from './bits.ts';
import { done, failed, type Result } from './errors.ts';
import { fromHex } from './hex.ts';
import type { Field, NumberField, PidRow } from './pid-row.ts';
import { PIDS } from './pid-table.ts';
import { encodeTroubleCode } from './trouble-code.ts';

/** Values by name, in the units of the table; decoded values can be given back as they are. */
export type EncodableValues = Readonly<Record<string, PidValue['value'] | readonly string[] | readonly number[]>>;

type Encodable = EncodableValues[string];

/** An opaque PID without a published length may be given this many bytes: the rest of an ISO-TP message. */
const OPAQUE_LIMIT = 4090;

/**
 * The data bytes of one PID from physical values. Support bits are set for the values given; values that do not
 * depend on such a bit must all be given, except statements, words and raw bytes, which default to zero bits.
 * Errors: `unknown-pid`, `unknown-value`, `missing-value`, `wrong-type`, `out-of-bounds`, `bad-code`, `conflict`.
 */
export function encodePid(pid: number, values: EncodableValues): Result<Uint8Array> {
  const row = PIDS[pid];
  if (row === undefined) return failed('unknown-pid', `there is no PID ${pid}`);
  const unknown = Object.keys(values).find((name) => !row.values.some((field) => field.name === name));
  if (unknown !== undefined) return failed('unknown-value', `PID ${pid} (${row.name}) has no value ${unknown}`);

  const data = new Uint8Array(lengthFor(row, values));
  const writers: Field[] = [];
  for (const field of row.values) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    if (value === undefined) {
      const missing = fillAbsent(field, data);
      if (missing !== undefined) return missing;
      continue;
    }
    for (const [at, bit, is] of field.needs) writeBits(data, at, bit, 1, is);
    const problem = writeField(field, value, data);
    if (problem !== undefined) return problem;
    writers.push(field);
  }
  for (const field of writers) {
    const value = values[field.name];
    if (value !== undefined && !(holds(field.needs, data) && isWritten(field, value, data))) {
      return failed('conflict', `${field.name} cannot be given together with the other values`);
    }
  }
  return done(data);
}

/** A row's own length, a shorter one that still holds the values, or that of the raw bytes given. */
function lengthFor(row: PidRow, values: EncodableValues): number {
  const raw = values.raw;
  if (typeof raw === 'string') {
    const length = Math.min(raw.length >> 1, OPAQUE_LIMIT);
    if (row.bytes === null || row.alsoBytes.includes(length)) return length;
  }
  const used = row.values.filter((field) => Object.hasOwn(values, field.name)).map((field) => field.at + 1);
  const longest = Math.max(0, ...used);
  return longest > (row.bytes ?? 0) ? (row.alsoBytes.find((length) => length >= longest) ?? 0) : (row.bytes ?? 0);
}

function fillAbsent(field: Field, data: Uint8Array): ReturnType<typeof failed> | undefined {
  if (field.kind !== 'number' || field.needs.length > 0 || field.at >= data.length) return undefined;
  if (field.absent === undefined) return failed('missing-value', `${field.name} must be given`);
  writeBytes(data, field.at, field.size, field.absent);
  return undefined;
}

function writeField(field: Field, value: Encodable, data: Uint8Array): ReturnType<typeof failed> | undefined {
  switch (field.kind) {
    case 'number':
      return writeNumber(field, value, data);
    case 'flag':
      if (typeof value !== 'boolean') return failed('wrong-type', `${field.name} must be true or false`);
      writeBits(data, field.at, field.bit, 1, value !== field.inverted ? 1 : 0);
      return undefined;
    case 'choice': {
      const raw = Object.entries(field.words).find(([, word]) => word === value)?.[0];
      if (raw === undefined) return failed('wrong-type', `${field.name} must be one of its words`);
      writeBits(data, field.at, field.shift, field.width, Number(raw));
      return undefined;
    }
    case 'set': {
      const words: readonly unknown[] = Array.isArray(value) ? value : [undefined];
      const bits = words.map((word) => field.words.indexOf(String(word)));
      if (bits.includes(-1)) return failed('wrong-type', `${field.name} must be a list of its words`);
      for (const bit of bits) writeBits(data, field.at, field.shift + bit, 1, 1);
      return undefined;
    }
    case 'pids': {
      const pids: readonly unknown[] = Array.isArray(value) ? value : [undefined];
      for (const pid of pids) {
        const bit = Number(pid) - field.base - 1;
        if (!Number.isInteger(bit) || bit < 0 || bit > 31) {
          return failed('out-of-bounds', `${field.name}: ${String(pid)} is not one of the 32 PIDs after ${field.base}`);
        }
        writeBits(data, field.at + (bit >> 3), 7 - (bit & 7), 1, 1);
      }
      return undefined;
    }
    case 'code': {
      const raw = typeof value === 'string' ? encodeTroubleCode(value) : undefined;
      if (raw === undefined) return failed('bad-code', `${field.name} must be a trouble code such as P0133`);
      writeBytes(data, field.at, 2, raw);
      return undefined;
    }
    case 'raw': {
      const bytes = typeof value === 'string' ? fromHex(value) : undefined;
      const size = field.size ?? data.length - field.at;
      if (bytes?.length !== size) return failed('wrong-type', `${field.name} must be ${size} bytes of hex`);
      data.set(bytes, field.at);
      return undefined;
    }
  }
}

function writeNumber(field: NumberField, value: Encodable, data: Uint8Array): ReturnType<typeof failed> | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return failed('wrong-type', `${field.name} must be a number`);
  if (value < field.min || value > field.max) {
    return failed('out-of-bounds', `${field.name}: ${value} ${field.unit} is not within ${field.min} to ${field.max}`);
  }
  const raw = rawOf(field, value);
  if (field.width < 8) writeBits(data, field.at, field.shift, field.width, raw);
  else writeBytes(data, field.at, field.size, raw);
  return undefined;
}

function rawOf(field: NumberField, value: number): number {
  return Math.round(((value - field.add) * field.div) / field.mul);
}

/** Is the value still there after all others were written? Two fields may share bytes (normal and wide range). */
function isWritten(field: Field, value: Encodable, data: Uint8Array): boolean {
  if (field.kind === 'number') return readRaw(data, field) === rawOf(field, Number(value));
  if (field.kind === 'flag') return readFlag(data, field) === value;
  if (field.kind === 'choice') return field.words[readBits(data, field.at, field.shift, field.width)] === value;
  return true;
}
