import type { ProblemCode, ProblemError } from '../lib/problem.ts';

/** A request that is answered with a problem; thrown by whoever finds it, answered in one place (handler.ts). */
export class Refused extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ProblemError[] | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    more: {
      errors?: readonly ProblemError[];
      headers?: Record<string, string>;
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers;
  }
}
