/** How long what lives (DESIGN §4, §6). */

export const dayMs = 86_400_000;

/** Raw samples live so many days. */
export const rawDays = 7;
/** Samples older than this are refused; the rest of the raw tier's life is the margin for deriving again. */
export const acceptedDays = 5;
/** Dead letters kept, the latest: a poison car fills no disk, and what they tell of is in the raw tier. */
export const maxDeadLetters = 10_000;
/** Samples further in the future than this are refused: the clock of the device is wrong (trip facts). */
export const acceptedAheadMs = 5 * 60_000;
/** A day is sealed so long after its last sample can have come: what was accepted then has been derived. */
const settleMs = 3_600_000;

/** Days that began before this can no longer change. */
export function sealableBeforeMs(nowMs: number): number {
  return nowMs - (acceptedDays + 1) * dayMs - settleMs + 1;
}
