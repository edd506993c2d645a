import { encodeAnswer, encodeDtcAnswer, type PidInput } from '../../functions/lib/obd2-pid-decoder/src/index.ts';
import { type Signal, type SignalValues, signals } from './ecu.ts';

/** These values as the lines that an adapter prints, one PID each: `41 0D 32`. */
export function rawAnswers(values: SignalValues): string[] {
  return Object.entries(values).map(([name, value]) =>
    lineFor({ pid: signals[name as Signal].pid, values: { [name]: value } }),
  );
}

/** Mode 01 PID 01: whether the lamp is on, and how many codes are stored. */
export function rawMonitorStatus(codes: readonly string[]): string {
  return lineFor({ pid: 0x01, values: { milOn: codes.length > 0, dtcCount: codes.length } });
}

/** Mode 03: the stored codes. */
export function rawCodes(codes: readonly string[]): string[] {
  return lines(encodeDtcAnswer(codes));
}

function lineFor(input: PidInput): string {
  return lines(encodeAnswer({ mode: 1, pids: [input] })).join(' ');
}

/** Throws RangeError for what no bus could say: then the simulated car is wrong. */
function lines(result: ReturnType<typeof encodeAnswer>): string[] {
  if (!result.ok) throw new RangeError(`${result.error.code}: ${result.error.detail}`);
  return result.value.split('\r');
}
