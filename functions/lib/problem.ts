import type { HttpAnswer } from './ports.ts';
import { securityHeaders } from './security-headers.ts';

/** What a code means: its HTTP status, a title, and whether the same request may succeed later. */
interface ProblemKind {
  status: number;
  title: string;
  retryable: boolean;
  headers?: Record<string, string>;
}

/**
 * Every refusal over HTTP, by its stable code (RFC 9457): the one list. `type` of the answer is
 * `urn:fleet-telemetry:problem:<code>`.
 */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is malformed', retryable: false },
  unauthorized: {
    status: 401,
    title: 'A valid token is needed',
    retryable: false,
    headers: { 'www-authenticate': 'Bearer' },
  },
  forbidden: { status: 403, title: 'The token is not bound to this vehicle', retryable: false },
  'insufficient-scope': { status: 403, title: 'The token lacks the scope', retryable: false },
  'not-found': { status: 404, title: 'Not found', retryable: false },
  'method-not-allowed': { status: 405, title: 'Method not allowed', retryable: false },
  timeout: { status: 408, title: 'The request took too long to arrive', retryable: true },
  'payload-too-large': { status: 413, title: 'The request is too large', retryable: false },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type or encoding', retryable: false },
  'invalid-sample': { status: 422, title: 'A sample is not valid', retryable: false },
  'rate-limited': { status: 429, title: 'Too many requests', retryable: true, headers: { 'retry-after': '1' } },
  'headers-too-large': { status: 431, title: 'The request headers are too large', retryable: false },
  internal: { status: 500, title: 'Internal error', retryable: true },
  'store-unavailable': {
    status: 503,
    title: 'The store is unavailable',
    retryable: true,
    headers: { 'retry-after': '5' },
  },
  overloaded: {
    status: 503,
    title: 'More requests than the server can take',
    retryable: true,
    headers: { 'retry-after': '1' },
  },
  'broker-unavailable': {
    status: 503,
    title: 'The broker is unavailable',
    retryable: true,
    headers: { 'retry-after': '5' },
  },
  'shutting-down': {
    status: 503,
    title: 'Shutting down',
    retryable: true,
    headers: { 'retry-after': '1', connection: 'close' },
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as ProblemCode[];

/** One fault of a request: where it is and what is wrong there. */
export interface ProblemError {
  /** Position in a batch; absent where there is none. */
  index?: number;
  /** JSON pointer (RFC 6901) into the item. */
  pointer?: string;
  /** Stable word for the kind of fault. */
  code: string;
  detail: string;
}

export interface ProblemDetails {
  /** For people; never a token, never the request's body. */
  detail: string;
  /** Path of the request. */
  instance?: string | undefined;
  errors?: readonly ProblemError[];
  /** Lower-case names, over the code's own (`allow`, `retry-after`). */
  headers?: Record<string, string>;
}

/** A batch of 1,000 bad samples shall not be answered with a megabyte. */
export const maxProblemErrors = 100;

export const problemMediaType = 'application/problem+json';

export function problemType(code: ProblemCode): string {
  return `urn:fleet-telemetry:problem:${code}`;
}

/** The answer for a refusal, as `application/problem+json` (RFC 9457). */
export function problem(code: ProblemCode, { detail, instance, errors, headers }: ProblemDetails): HttpAnswer {
  const { status, title, ...kind }: ProblemKind = problems[code];
  return {
    status,
    headers: {
      'content-type': problemMediaType,
      'cache-control': 'no-store',
      ...securityHeaders,
      ...kind.headers,
      ...headers,
    },
    body: JSON.stringify({
      type: problemType(code),
      title,
      status,
      detail,
      instance,
      errors: errors?.slice(0, maxProblemErrors),
    }),
  };
}
