import { openTokenFile } from '../../../functions/lib/auth/token-file.ts';
import { anyVehicle, type TokenRecord } from '../../../functions/lib/auth/tokens.ts';
import { tokensPath } from '../settings.ts';
import type { World } from '../world.ts';
import { check, type Finding } from './finding.ts';

/** Who may do what: nobody, too many, or nobody any more. */
export function checkTokens(world: World): Finding[] {
  const { problem } = check('tokens');
  try {
    return tokenFindings(openTokenFile(tokensPath(world), { now: world.now }).list(), world.now());
  } catch (error) {
    return [problem((error as Error).message, 'mend it, or put the one of a backup in its place')];
  }
}

export function tokenFindings(tokens: readonly TokenRecord[], nowMs: number): Finding[] {
  const { ok, hint } = check('tokens');
  const expired = tokens.filter(({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) <= nowMs);
  const live = tokens.filter((token) => !expired.includes(token));
  const ids = (of: readonly TokenRecord[]) => of.map(({ id, label }) => (label ? `${id} (${label})` : id)).join(', ');
  const admins = live.filter(({ scopes }) => scopes.includes('admin'));
  const anyone = live.filter(({ scopes, vehicles }) => scopes.includes('ingest') && vehicles.includes(anyVehicle));
  const sending = live.filter(({ scopes }) => scopes.includes('ingest'));
  return [
    sending.length === 0
      ? hint('no token may send', 'fleet token create --vehicle car-1')
      : ok(`${sending.length} that may send`),
    ...(admins.length > 0
      ? [hint(`may erase and read everything: ${ids(admins)}`, 'fleet token revoke those that nobody needs')]
      : []),
    ...(anyone.length > 0
      ? [hint(`may send for any vehicle: ${ids(anyone)}`, 'one token for each device is safer')]
      : []),
    ...(expired.length > 0 ? [hint(`expired: ${ids(expired)}`, 'fleet token revoke them')] : []),
  ];
}
