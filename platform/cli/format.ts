/** How values are shown in tables; `–` where there is none. */

export const none = '–';

export function ago(time: string | null, nowMs: number): string {
  if (time === null) return none;
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(time)) / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}

/** UTC, to the second. */
export function instant(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')}Z`;
}

export function minutes(durationS: number): string {
  const total = Math.round(durationS / 60);
  return total < 60 ? `${total} min` : `${Math.floor(total / 60)} h ${String(total % 60).padStart(2, '0')} min`;
}

export function fixed(value: number | undefined | null, digits: number, unit: string): string {
  return value === undefined || value === null ? none : `${value.toFixed(digits)} ${unit}`;
}
