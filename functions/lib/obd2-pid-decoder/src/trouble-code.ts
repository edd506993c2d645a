import { hexByte } from './hex.ts';

const SYSTEMS = 'PCBU';

/** Two bytes as a code such as `P0133` (SAE J2012: two bits system, then four digits). */
export function decodeTroubleCode(high: number, low: number): string {
  return `${SYSTEMS[high >> 6]}${((high >> 4) & 3).toString()}${(high & 15).toString(16).toUpperCase()}${hexByte(low)}`;
}

/** The 16 bits of a code, or undefined if it is not of the form `P0133` (P, C, B, U; first digit 0 to 3). */
export function encodeTroubleCode(code: string): number | undefined {
  if (!/^[PCBU][0-3][0-9A-F]{3}$/.test(code)) return undefined;
  return (SYSTEMS.indexOf(code.charAt(0)) << 14) | Number.parseInt(code.slice(1), 16);
}
