import type { CanFrame } from './answer.ts';
import { type EncodableInfo, encodeInfo } from './encode-info.ts';
import { type EncodableValues, encodePid } from './encode-pid.ts';
import { isByte } from './encode-request.ts';
import { done, type EncodeError, failed, type Result } from './errors.ts';
import { canRole } from './header.ts';
import { toHex } from './hex.ts';
import { ISO_TP_LIMIT, splitIsoTp } from './iso-tp.ts';
import { PIDS } from './pid-table.ts';
import { encodeTroubleCode } from './trouble-code.ts';

/** The values of one PID, in the units of the table. */
export interface PidInput {
  readonly pid: number;
  readonly values: EncodableValues;
}

/** What a simulated ECU answers. `negative` refuses the mode with a negative response code. */
export type AnswerInput =
  | { readonly mode: 1; readonly pids: readonly PidInput[] }
  | { readonly mode: 2; readonly frame: number; readonly pids: readonly PidInput[] }
  | { readonly mode: 3 | 7 | 10; readonly codes: readonly string[] }
  | { readonly mode: 9; readonly pid: number; readonly value: EncodableInfo }
  | { readonly mode: number; readonly negative: number };

/** How the adapter is set: `AT H1`/`H0`, `AT S1`/`S0`. */
export interface TextOptions {
  /** Off unless given. */
  readonly headers?: boolean;
  /** On unless given. */
  readonly spaces?: boolean;
  /** CAN identifier the answer comes from, as decoded: `7E8` unless given. */
  readonly ecu?: string;
}

/**
 * The lines an ELM327 on CAN prints for an answer, joined by CR, without the prompt. Answers of more than 7 bytes
 * become ISO-TP frames with headers, and a length line with numbered lines without. Values outside their bounds are
 * an error and are not clamped. Errors: those of {@link EncodeError}.
 */
export function encodeAnswer(input: AnswerInput, options: TextOptions = {}): Result<string> {
  const { headers = false, spaces = true, ecu = '7E8' } = options;
  const payload = encodePayload(input);
  if (!payload.ok) return payload;
  const separator = spaces ? ' ' : '';
  if (!headers) return done(bareLines(payload.value, separator).join('\r'));
  const id = readEcu(ecu);
  if (!id.ok) return id;
  const header = ecu.length === 8 && spaces ? toHex(idBytes(id.value), ' ') : ecu;
  return done(
    splitIsoTp(payload.value)
      .map((data) => header + separator + toHex(data, separator))
      .join('\r'),
  );
}

/** The CAN frames of an answer. */
export function encodeFrames(input: AnswerInput, ecu: string = '7E8'): Result<CanFrame[]> {
  const payload = encodePayload(input);
  if (!payload.ok) return payload;
  const id = readEcu(ecu);
  if (!id.ok) return id;
  return done(splitIsoTp(payload.value).map((data) => ({ id: id.value, data })));
}

/** Trouble codes such as `P0133`; stored ones (mode 03) unless `mode` says otherwise. */
export function encodeDtcAnswer(
  codes: readonly string[],
  options: TextOptions & { readonly mode?: 3 | 7 | 10 } = {},
): Result<string> {
  return encodeAnswer({ mode: options.mode ?? 3, codes }, options);
}

/** The answer to mode 09 type 02. */
export function encodeVinAnswer(vin: string, options: TextOptions = {}): Result<string> {
  return encodeAnswer({ mode: 9, pid: 2, value: vin }, options);
}

/** Most PIDs of one CAN request, and so of its answer. */
const MOST_PIDS = 6;

function encodePayload(input: AnswerInput): Result<Uint8Array> {
  const payload = 'negative' in input ? encodeNegative(input.mode, input.negative) : encodePositive(input);
  if (payload.ok && payload.value.length > ISO_TP_LIMIT) {
    return failed('too-long', `${payload.value.length} bytes, at most ${ISO_TP_LIMIT}`);
  }
  return payload;
}

function encodePositive(input: Exclude<AnswerInput, { negative: number }>): Result<Uint8Array> {
  switch (input.mode) {
    case 1:
      return encodePids([0x41], input.pids, []);
    case 2:
      if (!isByte(input.frame)) return failed('out-of-bounds', `${input.frame} is not a frame number`);
      return encodePids([0x42], input.pids, [input.frame]);
    case 9: {
      const info = encodeInfo(input.pid, input.value);
      return info.ok ? done(Uint8Array.from([0x49, input.pid, ...info.value])) : info;
    }
    case 3:
    case 7:
    case 10:
      return encodeCodes(input.mode, input.codes);
    default:
      return failed('bad-mode', 'no answer in this mode');
  }
}

function encodePids(
  head: readonly number[],
  pids: readonly PidInput[],
  afterPid: readonly number[],
): Result<Uint8Array> {
  if (pids.length === 0) return failed('missing-value', 'an answer has at least one PID');
  if (pids.length > MOST_PIDS) return failed('too-many-pids', `at most ${MOST_PIDS}, not ${pids.length}`);
  const bytes = [...head];
  for (const { pid, values } of pids) {
    const data = encodePid(pid, values);
    if (!data.ok) return data;
    // A length that is not the row's own can only be told where nothing follows.
    if (pids.length > 1 && data.value.length !== PIDS[pid]?.bytes) {
      return failed('conflict', `PID ${pid} with ${data.value.length} bytes must be alone in its answer`);
    }
    bytes.push(pid, ...afterPid, ...data.value);
  }
  return done(Uint8Array.from(bytes));
}

function encodeCodes(mode: number, codes: readonly string[]): Result<Uint8Array> {
  if (codes.length > 255) return failed('too-long', `${codes.length} codes, at most 255`);
  const bytes = [mode + 0x40, codes.length];
  for (const code of codes) {
    const raw = encodeTroubleCode(code);
    if (raw === undefined || raw === 0) return failed('bad-code', `${code} is not a trouble code such as P0133`);
    bytes.push(raw >> 8, raw & 0xff);
  }
  return done(Uint8Array.from(bytes));
}

function encodeNegative(mode: number, nrc: number): Result<Uint8Array> {
  if (!isByte(mode) || !isByte(nrc)) return failed('out-of-bounds', 'mode and code are one byte each');
  return done(Uint8Array.of(0x7f, mode, nrc));
}

/** Without headers: one line, or the length and lines numbered by a hex digit, the last filled up. */
function bareLines(payload: Uint8Array, separator: string): string[] {
  if (payload.length <= 7) return [toHex(payload, separator)];
  const lines = [payload.length.toString(16).toUpperCase().padStart(3, '0')];
  for (const [index, data] of splitIsoTp(payload).entries()) {
    const number = (index & 15).toString(16).toUpperCase();
    lines.push(`${number}:${separator}${toHex(data.subarray(index === 0 ? 2 : 1), separator)}`);
  }
  return lines;
}

function readEcu(ecu: string): Result<number> {
  const id = /^(?:7[0-9A-F]{2}|18DAF1[0-9A-F]{2})$/.test(ecu) ? Number.parseInt(ecu, 16) : 0;
  return canRole(id) === 'answer' ? done(id) : failed('bad-ecu', `${ecu} is not the identifier of an answer`);
}

function idBytes(id: number): number[] {
  return [24, 16, 8, 0].map((shift) => (id >>> shift) & 0xff);
}
