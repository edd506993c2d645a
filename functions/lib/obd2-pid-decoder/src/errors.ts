/** Words of the adapter (ELM327 data sheet, "Error Messages and Alerts"). */
export const ADAPTER_ERRORS = [
  'act-alert',
  'adapter-fault',
  'buffer-full',
  'bus-busy',
  'bus-error',
  'bus-init-error',
  'can-error',
  'data-error',
  'fb-error',
  'lp-alert',
  'lv-reset',
  'no-data',
  'rx-error',
  'stopped',
  'unable-to-connect',
  'unknown-command',
] as const;
export type AdapterErrorCode = (typeof ADAPTER_ERRORS)[number];

/** What can be wrong with an answer itself. */
export const ANSWER_ERRORS = [
  'ambiguous',
  'bad-checksum',
  'bad-frame',
  'bad-text',
  'incomplete',
  'input-too-large',
  'negative-response',
  'out-of-bounds',
  'out-of-sequence',
  'reserved-value',
  'short-data',
  'too-many-errors',
  'unknown-header',
  'unknown-pid',
  'unrecognised-line',
  'unsupported-mode',
] as const;
export type AnswerErrorCode = (typeof ANSWER_ERRORS)[number];

/** A part of an answer that could not be decoded; the other parts are still given. */
export interface DecodeError {
  readonly code: AdapterErrorCode | AnswerErrorCode;
  /** For people, at most {@link DETAIL_LIMIT} characters. */
  readonly detail: string;
  /** The line it was found in, cut to {@link LINE_LIMIT} characters. */
  readonly line?: string;
  readonly ecu?: string;
  readonly mode?: number;
  readonly pid?: number;
  /** The negative response code, with `negative-response`. */
  readonly nrc?: number;
}

/** What can be wrong with values to encode. */
export const ENCODE_ERRORS = [
  'bad-code',
  'bad-ecu',
  'bad-mode',
  'bad-text',
  'conflict',
  'missing-value',
  'out-of-bounds',
  'too-long',
  'too-many-pids',
  'unknown-pid',
  'unknown-value',
  'wrong-type',
] as const;

/** Why a request or an answer could not be encoded. */
export interface EncodeError {
  readonly code: (typeof ENCODE_ERRORS)[number];
  readonly detail: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EncodeError };

/** Errors quote their input, and the input may be garbage: both are cut so that an answer stays small. */
export const DETAIL_LIMIT = 200;
export const LINE_LIMIT = 80;

export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(code: EncodeError['code'], detail: string): { ok: false; error: EncodeError } {
  return { ok: false, error: { code, detail: detail.slice(0, DETAIL_LIMIT) } };
}
