import { CODES_STATUS, type CodesMessage, type ValuesMessage } from './answer.ts';
import { decodeInfo } from './decode-info.ts';
import { decodePid } from './decode-pid.ts';
import { hexByte } from './hex.ts';
import type { LegacyInfo } from './legacy-info.ts';
import { negativeResponseName } from './negative-response.ts';
import type { PidRow } from './pid-row.ts';
import { PIDS } from './pid-table.ts';
import type { Sink } from './sink.ts';
import { decodeTroubleCode } from './trouble-code.ts';

/** One whole answer of one ECU, without headers and transport bytes. */
export interface Payload {
  readonly ecu: string | undefined;
  /** Starts with the service byte: 41 for an answer to mode 01. */
  readonly bytes: Uint8Array;
  /** The transport told the length; otherwise padding may follow. */
  readonly exact: boolean;
}

/** Decode a payload into the sink. */
export function decodePayload(payload: Payload, legacy: LegacyInfo, sink: Sink): void {
  const { bytes, ecu } = payload;
  const service = bytes[0];
  switch (service) {
    case 0x41:
      decodeValues(payload, 1, sink);
      return;
    case 0x42:
      decodeValues(payload, 2, sink);
      return;
    case 0x43:
      decodeCodes(payload, 3, sink);
      return;
    case 0x47:
      decodeCodes(payload, 7, sink);
      return;
    case 0x4a:
      decodeCodes(payload, 10, sink);
      return;
    case 0x49:
      decodeVehicleInfo(payload, legacy, sink);
      return;
    case 0x7f:
      decodeNegative(payload, sink);
      return;
    case undefined:
      sink.error('short-data', 'the answer is empty', { ecu });
      return;
    default:
      sink.error('unsupported-mode', `service ${hexByte(service)}`, { ecu });
  }
}

/** `41 PID data PID data …` and `42 PID frame data …`. */
function decodeValues({ bytes, ecu, exact }: Payload, mode: 1 | 2, sink: Sink): void {
  const head = mode;
  if (bytes.length < 2) sink.error('short-data', 'no PID', { ecu, mode });
  for (let at = 1; at < bytes.length; ) {
    if (!exact && at > 1 && isPadding(bytes, at)) return;
    const pid = bytes[at] ?? 0;
    const row = PIDS[pid];
    if (row === undefined) {
      sink.error('unknown-pid', `PID ${hexByte(pid)} and what follows it`, { ecu, mode, pid });
      return;
    }
    const rest = bytes.length - at - head;
    const length = dataLength(row, rest, at === 1);
    if (rest < length) {
      sink.error('short-data', `${row.name} has ${length} bytes, ${Math.max(rest, 0)} given`, { ecu, mode, pid });
      return;
    }
    const data = bytes.subarray(at + head, at + head + length);
    const values = decodePid(row, data, (code, detail) => sink.error(code, detail, { ecu, mode, pid }));
    const message: { -readonly [K in keyof ValuesMessage]: ValuesMessage[K] } = {
      kind: 'values',
      mode,
      pid,
      name: row.name,
      values,
    };
    if (ecu !== undefined) message.ecu = ecu;
    if (mode === 2) message.frame = bytes[at + 1] ?? 0;
    sink.messages.push(message);
    at += head + length;
  }
}

function dataLength(row: PidRow, rest: number, first: boolean): number {
  if (row.bytes === null) return Math.max(rest, 0);
  return first && row.alsoBytes.includes(rest) ? rest : row.bytes;
}

/** Fillers of CAN frames; a lone value of these can only be recognised where all the rest is the same. */
const FILLERS = [0x00, 0x55, 0xaa, 0xcc, 0xff];

function isPadding(bytes: Uint8Array, from: number): boolean {
  const filler = bytes[from] ?? 0;
  if (!FILLERS.includes(filler)) return false;
  for (let at = from; at < bytes.length; at++) if (bytes[at] !== filler) return false;
  return true;
}

/**
 * `43 [count] code code …`. CAN puts a count before the codes and other buses do not: an odd number of bytes
 * says that there is one. 0000 is padding.
 */
function decodeCodes({ bytes, ecu }: Payload, mode: 3 | 7 | 10, sink: Sink): void {
  const hasCount = bytes.length % 2 === 0;
  const from = hasCount ? 2 : 1;
  const there = Math.floor((bytes.length - from) / 2);
  const count = hasCount ? (bytes[1] ?? 0) : there;
  if (count > there) sink.error('short-data', `${count} codes announced, ${there} given`, { ecu, mode });
  const codes: string[] = [];
  for (let index = 0; index < Math.min(count, there); index++) {
    const high = bytes[from + index * 2] ?? 0;
    const low = bytes[from + index * 2 + 1] ?? 0;
    if (high !== 0 || low !== 0) codes.push(decodeTroubleCode(high, low));
  }
  addCodes(ecu, mode, codes, sink);
}

/** What the count byte can say. */
const MOST_CODES = 255;

/** Other buses send three codes per message: all messages of one ECU become one list. */
function addCodes(ecu: string | undefined, mode: 3 | 7 | 10, codes: readonly string[], sink: Sink): void {
  const index = sink.messages.findLastIndex(
    (message) => message.kind === 'codes' && message.mode === mode && message.ecu === ecu,
  );
  const before = sink.messages[index];
  const known = before?.kind === 'codes' ? before.codes : [];
  const all = [...new Set([...known, ...codes])];
  if (all.length > MOST_CODES) sink.error('out-of-bounds', `more than ${MOST_CODES} codes`, { ecu, mode });
  const message: CodesMessage = {
    kind: 'codes',
    mode,
    status: CODES_STATUS[mode],
    codes: all.slice(0, MOST_CODES),
  };
  const whole = ecu === undefined ? message : { ...message, ecu };
  if (index < 0) sink.messages.push(whole);
  else sink.messages[index] = whole;
}

/** `49 type [number of items] data`; seven bytes are one message of a bus without ISO-TP. */
function decodeVehicleInfo({ bytes, ecu }: Payload, legacy: LegacyInfo, sink: Sink): void {
  const pid = bytes[1];
  if (pid === undefined) {
    sink.error('short-data', 'no information type', { ecu, mode: 9 });
  } else if (pid === 0) {
    // Without ISO-TP a message number comes before the bitmap.
    decodeInfo(pid, bytes.subarray(bytes.length === 7 ? 3 : 2), ecu, sink);
  } else if (pid % 2 === 1 && pid < 0x0b) {
    decodeInfo(pid, bytes.subarray(2), ecu, sink);
  } else if (bytes.length === 7) {
    legacy.add(ecu, pid, bytes[2] ?? 0, bytes.subarray(3), sink);
  } else {
    decodeInfo(pid, bytes.subarray(3), ecu, sink);
  }
}

function decodeNegative({ bytes, ecu }: Payload, sink: Sink): void {
  const mode = bytes[1];
  const nrc = bytes[2];
  if (mode === undefined || nrc === undefined) {
    sink.error('short-data', 'negative response without a code', { ecu });
    return;
  }
  sink.error('negative-response', `mode ${hexByte(mode)}: ${negativeResponseName(nrc)} (${hexByte(nrc)})`, {
    ecu,
    mode,
    nrc,
  });
}
