/** Times: milliseconds here, nanoseconds in InfluxDB, RFC 3339 in its answers. */

/** Nothing of ours is before this, 2015. */
export const beginningMs = Date.UTC(2015, 0, 1);
/** Nor after this, 2100: what is asked for without an end ends here. */
export const endMs = Date.UTC(2100, 0, 1);

/** Samples may be 5 minutes ahead, and clocks a little apart: nothing is looked for beyond this after now, ms. */
export const aheadMs = 600_000;

export function clampMs(timeMs: number): number {
  return Math.min(Math.max(timeMs, beginningMs), endMs);
}

/** A point's place in time, ns as decimal text: beyond what a double holds. */
export function nanoseconds(timeMs: number, sub = 0): string {
  return sub === 0 ? `${timeMs}000000` : `${timeMs}${String(sub).padStart(6, '0')}`;
}

/** `2026-11-23T22:08:37.546446164Z` → ns as decimal text. */
export function parseNanoseconds(time: string): string {
  const dot = time.indexOf('.');
  const fraction = dot === -1 ? '' : time.slice(dot + 1, -1);
  const seconds = Math.floor(Date.parse(time) / 1000);
  return `${seconds}${fraction.padEnd(9, '0')}`;
}

export function parseMs(time: string): number {
  return Date.parse(time);
}

/** Milliseconds of a nanosecond text. */
export function msOf(ns: string): number {
  return Number(ns.slice(0, -6));
}
