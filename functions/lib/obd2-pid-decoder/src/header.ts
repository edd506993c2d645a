import { hexByte, toHex } from './hex.ts';

/** What a CAN identifier is to an OBD tester (ISO 15765-4, 6.3.2). */
export type CanRole = 'answer' | 'request' | 'other';

/**
 * 7E8–7EF answer the tester's 7DF and 7E0–7E7; makers use more of 7xx. With 29 bits answers go to F1 (18DAF1xx) and
 * requests come from it (18DB33F1, 18DAxxF1).
 */
export function canRole(id: number): CanRole {
  if (id >= 0x700 && id <= 0x7ff) return id === 0x7df || (id >= 0x7e0 && id <= 0x7e7) ? 'request' : 'answer';
  const priority = Math.floor(id / 0x10000);
  if (priority === 0x18da && ((id >> 8) & 0xff) === 0xf1) return 'answer';
  if ((priority === 0x18da || priority === 0x18db) && (id & 0xff) === 0xf1) return 'request';
  return 'other';
}

/** The identifier as messages carry it: three or eight upper-case digits. */
export function ecuName(id: number): string {
  return id
    .toString(16)
    .toUpperCase()
    .padStart(id > 0x7ff ? 8 : 3, '0');
}

/** An answer with the three header bytes and the checksum of a bus that is not CAN, taken apart. */
export interface LegacyFrame {
  readonly ecu: string;
  readonly bytes: Uint8Array;
  readonly checksumOk: boolean;
}

/** Header, service byte and checksum are the least there can be. */
const SHORTEST = 5;

/**
 * `48 6B 10 41 0C 1A F8 CS` (ISO 9141-2, SAE J1850 VPW), `41 6B 10 …` (J1850 PWM) or `84 F1 10 …` (ISO 14230-4).
 * Undefined if the line is none of these. `41 6B` is also the start of an answer to PID 6B: that header counts only
 * with a checksum that fits.
 */
export function readLegacyFrame(line: Uint8Array): LegacyFrame | undefined {
  const first = line[0] ?? 0;
  if (line.length < SHORTEST) return undefined;
  if (line[1] === 0x6b && (first === 0x48 || first === 0x41)) {
    const checksumOk = fits(line);
    return first === 0x48 || checksumOk ? frame(line, 3, checksumOk) : undefined;
  }
  if (first >= 0x80 && line[1] === 0xf1) {
    const from = (first & 0x3f) === 0 ? 4 : 3;
    const length = from === 4 ? (line[3] ?? 0) : first & 0x3f;
    return frame(line, from, line.length === from + length + 1 && fits(line));
  }
  return undefined;
}

function frame(line: Uint8Array, from: number, checksumOk: boolean): LegacyFrame {
  return { ecu: hexByte(line[2] ?? 0), bytes: line.subarray(from, -1), checksumOk };
}

function fits(line: Uint8Array): boolean {
  const data = line.subarray(0, -1);
  const given = line[line.length - 1];
  return given === sumOf(data) || given === crcOf(data);
}

/** ISO 9141-2 and ISO 14230-2. */
export function sumOf(data: Uint8Array): number {
  let sum = 0;
  for (const byte of data) sum = (sum + byte) & 0xff;
  return sum;
}

/** SAE J1850: CRC-8 with polynomial 1D, start and inversion FF. */
export function crcOf(data: Uint8Array): number {
  let crc = 0xff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x1d) & 0xff : crc << 1;
  }
  return crc ^ 0xff;
}

/** The bytes of a line for an error message. */
export function quote(bytes: Uint8Array): string {
  return toHex(bytes.subarray(0, 16), ' ');
}
