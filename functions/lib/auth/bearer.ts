/** A longer token is refused unread; ours have 54 characters, and foreign ones stay below this too. */
const maxTokenLength = 256;

/** Why an `Authorization` header could not be used. The codes are those of functions/lib/problem.ts. */
export interface BearerFailure {
  ok: false;
  status: 400 | 401;
  code: 'unauthorized' | 'invalid-request';
  detail: string;
}

export type BearerResult = { ok: true; token: string } | BearerFailure;

const unauthorized = (detail: string): BearerFailure => ({ ok: false, status: 401, code: 'unauthorized', detail });

/**
 * The token of an `Authorization: Bearer` header (RFC 6750 §2.1). The scheme's case does not matter (RFC 9110 §11.1);
 * what is refused never appears in the detail. Several credentials in one header are a malformed request (400).
 */
export function parseBearer(authorization: string | undefined): BearerResult {
  if (authorization === undefined || authorization === '') {
    return unauthorized('this needs a token: Authorization: Bearer <token>');
  }
  if (authorization.length > maxTokenLength + 'Bearer '.length) {
    return unauthorized(`a token has at most ${maxTokenLength} characters`);
  }
  if (authorization.includes(',')) {
    return { ok: false, status: 400, code: 'invalid-request', detail: 'more than one Authorization credential' };
  }
  if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') {
    return unauthorized('the Authorization scheme must be Bearer');
  }
  const token = authorization.slice(7).trim();
  return token === '' ? unauthorized('the Bearer token is empty') : { ok: true, token };
}
