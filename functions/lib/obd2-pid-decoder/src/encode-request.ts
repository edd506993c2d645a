import { done, failed, type Result } from './errors.ts';
import { hexByte } from './hex.ts';

/** A question to the car. `pids` belongs to modes 01, 02 and 09; `frame` (0 unless given) to mode 02. */
export interface ObdRequest {
  readonly mode: 1 | 2 | 3 | 7 | 9 | 10;
  readonly pids?: readonly number[];
  readonly frame?: number;
}

/** How many PIDs fit in one CAN frame (SAE J1979, 6.1.2.8): six, three with their frame numbers, or one type. */
const MOST_PIDS: Readonly<Record<number, number>> = { 1: 6, 2: 3, 3: 0, 7: 0, 9: 1, 10: 0 };

/**
 * The text to send to the adapter, without the final CR: `010C0D`, `020C00`, `03`, `0902`. Buses other than CAN
 * take one PID per request. Errors: `bad-mode`, `too-many-pids`, `missing-value`, `unknown-pid`, `out-of-bounds`.
 */
export function encodeRequest(request: ObdRequest): Result<string> {
  const { mode, pids = [], frame = 0 } = request;
  const most = MOST_PIDS[mode];
  if (most === undefined) return failed('bad-mode', `no request in mode ${mode}`);
  if (pids.length > most) return failed('too-many-pids', `mode ${mode} takes ${most}, not ${pids.length}`);
  if (pids.length === 0 && most > 0) return failed('missing-value', `mode ${mode} asks for at least one PID`);
  const bad = pids.find((pid) => !isByte(pid));
  if (bad !== undefined) return failed('unknown-pid', `${bad} is not a PID`);
  if (!isByte(frame)) return failed('out-of-bounds', `${frame} is not a frame number`);
  const suffix = mode === 2 ? hexByte(frame) : '';
  return done(hexByte(mode) + pids.map((pid) => hexByte(pid) + suffix).join(''));
}

/** An integer from 0 to 255. */
export function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xff;
}
