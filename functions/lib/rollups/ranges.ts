/** A changed range of a vehicle, both ends inclusive. */
export interface ChangedRange {
  vehicle: string;
  fromMs: number;
  toMs: number;
}

/**
 * Ranges of each vehicle joined where they touch the same or the next window, so that no window is computed twice and no
 * stretch in between at all. In order of vehicle and time.
 */
export function mergeRanges(ranges: readonly ChangedRange[], windowMs: number): ChangedRange[] {
  const merged: ChangedRange[] = [];
  const ordered = [...ranges].sort((a, b) =>
    a.vehicle === b.vehicle ? a.fromMs - b.fromMs : a.vehicle < b.vehicle ? -1 : 1,
  );
  for (const { vehicle, fromMs, toMs } of ordered) {
    const last = merged.at(-1);
    const near =
      last && last.vehicle === vehicle && Math.floor(fromMs / windowMs) <= Math.floor(last.toMs / windowMs) + 1;
    if (near) last.toMs = Math.max(last.toMs, toMs);
    else merged.push({ vehicle, fromMs, toMs });
  }
  return merged;
}
