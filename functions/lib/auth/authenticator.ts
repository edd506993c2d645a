import { type BearerFailure, parseBearer } from './bearer.ts';
import type { TokenRecord } from './tokens.ts';

/** Says who a request comes from. What they may do is {@link allows} of tokens.ts. */
export interface Authenticator {
  /** @param connection stands for whoever speaks on it: what was found good there is not worked out again */
  authenticate(authorization: string | undefined, connection?: object): Authentication;
}

export type Authentication = { ok: true; record: TokenRecord } | BearerFailure;

/** A look-up of presented tokens, as `openTokenFile(…)` is one. */
export interface Tokens {
  /** @param known the record that this very token was found to be of before, which needs no hashing while it is in force */
  find(presented: string, known?: TokenRecord): TokenRecord | undefined;
}

export function createAuthenticator(tokens: Tokens): Authenticator {
  /** By connection, so that what somebody presents is compared with nothing but what they have shown to be theirs. */
  const shown = new WeakMap<object, { authorization: string; token: string; record: TokenRecord }>();
  return {
    authenticate(authorization, connection) {
      const latest = connection && shown.get(connection);
      const before = latest?.authorization === authorization ? latest : undefined;
      const bearer = before ? { ok: true as const, token: before.token } : parseBearer(authorization);
      if (!bearer.ok) return bearer;
      const { token } = bearer;
      const record = tokens.find(token, before?.record);
      // One answer for unknown, revoked and expired: the difference would help only somebody guessing.
      if (!record) return { ok: false, status: 401, code: 'unauthorized', detail: unknownToken };
      if (connection && authorization !== undefined && record !== before?.record) {
        shown.set(connection, { authorization, token, record });
      }
      return { ok: true, record };
    },
  };
}

const unknownToken = 'the token is unknown, revoked or expired';
