const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Two upper-case digits. */
export function hexByte(byte: number): string {
  return PAIRS[byte & 0xff] ?? '00';
}

/** Upper-case hex of the bytes. */
export function toHex(bytes: ArrayLike<number>, separator: string = ''): string {
  return Array.from(bytes, hexByte).join(separator);
}

/** The bytes of a hex text without spaces, or undefined if it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}
