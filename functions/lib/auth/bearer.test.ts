import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAuthenticator } from './authenticator.ts';
import { parseBearer } from './bearer.ts';
import { createToken, indexTokens, verify } from './tokens.ts';

const { token, record } = createToken({ scopes: ['read'], vehicles: ['*'], nowMs: 0 });

test.each(['Bearer ', 'bearer ', 'BEARER ', 'Bearer   '])('the scheme %o is understood', (scheme) => {
  expect(parseBearer(scheme + token)).toEqual({ ok: true, token });
});

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['Basic', 'Basic Y2FyLTE6c2VjcmV0'],
  ['an empty token', 'Bearer '],
  ['no scheme', token],
  ['a token of 10 KB', `Bearer ${'x'.repeat(10_240)}`],
  ['a token of 257 characters', `Bearer ${'x'.repeat(257)}`],
])('%s is unauthorized', (_, header) => {
  expect(parseBearer(header)).toMatchObject({ ok: false, status: 401, code: 'unauthorized' });
});

test('two credentials are a malformed request', () => {
  expect(parseBearer(`Bearer ${token}, Bearer ${token}`)).toMatchObject({ status: 400, code: 'invalid-request' });
});

test('no refusal repeats what was sent', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{12,300}$/), fc.constantFrom('', 'Basic ', 'bearer ,'), (secret, scheme) => {
      const answer = parseBearer(scheme + secret);
      if (!answer.ok) expect(answer.detail).not.toContain(secret);
    }),
  );
});

test('an authenticator names the record of a known token and refuses others alike', () => {
  const index = indexTokens([record]);
  const auth = createAuthenticator({ find: (presented) => verify(index, presented, 0) });
  expect(auth.authenticate(`Bearer ${token}`)).toEqual({ ok: true, record });
  const [unknown, wrongSecret] = ['abc.def', `${record.id}.def`].map((t) => auth.authenticate(`Bearer ${t}`));
  expect(unknown).toMatchObject({ ok: false, status: 401, code: 'unauthorized' });
  expect(wrongSecret).toEqual(unknown);
  expect(auth.authenticate(undefined)).toMatchObject({ ok: false, status: 401 });
});
