import type { FlagField, Need, NumberField } from './pid-row.ts';

/** Are all conditions met? A byte that is not there counts as 0. */
export function holds(needs: readonly Need[], data: Uint8Array): boolean {
  for (const [at, bit, is] of needs) {
    if ((((data[at] ?? 0) >> bit) & 1) !== is) return false;
  }
  return true;
}

/** The unsigned big-endian number in `size` bytes (arithmetic, as shifts would make four bytes signed). */
export function readBytes(data: Uint8Array, at: number, size: number): number {
  let raw = 0;
  for (let index = at; index < at + size; index++) raw = raw * 256 + (data[index] ?? 0);
  return raw;
}

export function readBits(data: Uint8Array, at: number, shift: number, width: number): number {
  return ((data[at] ?? 0) >> shift) & ((1 << width) - 1);
}

/** The raw number of a field, sign applied. */
export function readRaw(data: Uint8Array, field: NumberField): number {
  if (field.width < 8) return readBits(data, field.at, field.shift, field.width);
  const raw = readBytes(data, field.at, field.size);
  return field.signed && raw >= 2 ** (field.width - 1) ? raw - 2 ** field.width : raw;
}

export function readFlag(data: Uint8Array, field: FlagField): boolean {
  return ((((data[field.at] ?? 0) >> field.bit) & 1) === 1) !== field.inverted;
}

export function writeBytes(data: Uint8Array, at: number, size: number, raw: number): void {
  let rest = raw < 0 ? raw + 256 ** size : raw;
  for (let index = at + size - 1; index >= at; index--) {
    data[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

export function writeBits(data: Uint8Array, at: number, shift: number, width: number, raw: number): void {
  const mask = ((1 << width) - 1) << shift;
  data[at] = ((data[at] ?? 0) & ~mask) | ((raw << shift) & mask);
}
