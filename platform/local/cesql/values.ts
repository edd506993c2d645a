/** The three types of CESQL (CloudEvents SQL v1 §3.1), and how one becomes another (§3.7). */
export type Value = string | number | boolean;
export type Type = 'String' | 'Integer' | 'Boolean';

/** What may go wrong in an evaluation (§3.3), by the names of the published test kit. */
export type ErrorKind = 'missingAttribute' | 'missingFunction' | 'cast' | 'math' | 'functionEvaluation';

/** Expressions are total: there is a value even where something went wrong. */
export interface Result {
  value: Value;
  error?: ErrorKind;
}

export const zero: { [T in Type]: Value } = { String: '', Integer: 0, Boolean: false };

const least = -(2 ** 31);
const most = 2 ** 31 - 1;

export function typeOf(value: Value): Type {
  if (typeof value === 'string') return 'String';
  return typeof value === 'number' ? 'Integer' : 'Boolean';
}

/** Integers are signed, of 32 bits. */
export function isInteger(value: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/**
 * An implicit cast. An Integer is no Boolean here (the kit: `NOT 10` fails), though the function BOOL takes one.
 * What fails becomes the zero of the type asked for.
 */
export function cast(value: Value, to: Type): Result {
  if (typeOf(value) === to) return { value };
  if (to === 'String') return { value: String(value) };
  if (to === 'Integer') {
    if (typeof value === 'boolean') return { value: value ? 1 : 0 };
    if (/^[+-]?\d+$/.test(String(value)) && isInteger(Number(value))) return { value: Number(value) };
  } else if (typeof value === 'string') {
    const text = value.toLowerCase();
    if (text === 'true' || text === 'false') return { value: text === 'true' };
  }
  return { value: zero[to], error: 'cast' };
}
