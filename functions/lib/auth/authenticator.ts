import { type BearerFailure, parseBearer } from './bearer.ts';
import type { TokenRecord } from './tokens.ts';

/** Says who a request comes from. What they may do is {@link allows} of tokens.ts. */
export interface Authenticator {
  authenticate(authorization: string | undefined): Authentication;
}

export type Authentication = { ok: true; record: TokenRecord } | BearerFailure;

/** An authenticator over a look-up of presented tokens, as `openTokenFile(…)` is one. */
export function createAuthenticator(tokens: { find(presented: string): TokenRecord | undefined }): Authenticator {
  return {
    authenticate(authorization) {
      const bearer = parseBearer(authorization);
      if (!bearer.ok) return bearer;
      const record = tokens.find(bearer.token);
      // One answer for unknown, revoked and expired: the difference would help only somebody guessing.
      return record ? { ok: true, record } : { ok: false, status: 401, code: 'unauthorized', detail: unknownToken };
    },
  };
}

const unknownToken = 'the token is unknown, revoked or expired';
