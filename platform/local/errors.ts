/** What this runtime refuses, with stable codes: manifests at load, events at the broker's door. */

/** A manifest that cannot be used: names the file, the key in it and, where known, the line (from 1). */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly file: string;
  /** Dotted path of the key, as `spec.delivery.retry`; empty where the file as a whole is meant. */
  readonly key: string;
  readonly line: number | undefined;

  constructor(file: string, key: string, line: number | undefined, detail: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${key === '' ? '' : `${key}: `}${detail}`);
    this.file = file;
    this.key = key;
    this.line = line;
  }
}

/** Codes with the HTTP status the ingress answers; 429 and 503 may be tried again, the others never succeed. */
const refusals = {
  invalid_event: 400,
  hops_used_up: 400,
  unknown_broker: 404,
  queue_full: 429,
  broker_off: 503,
} as const;

export type RefusalCode = keyof typeof refusals;

/** An event that the broker did not take. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly code: RefusalCode;
  /** HTTP status of the ingress. */
  readonly status: number;

  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.code = code;
    this.status = refusals[code];
  }
}
