import { existsSync } from 'node:fs';
import { openTokenFile, type TokenFile, TokenFileError } from '../../functions/lib/auth/token-file.ts';
import { createToken } from '../../functions/lib/auth/tokens.ts';
import { CliError } from './exit.ts';
import type { ServerOptions } from './options.ts';
import { baseUrl, dataFolder, isLoopback, tokensPath } from './settings.ts';
import type { World } from './world.ts';

/** A token made for one call is good for so long should we die before revoking it, ms. */
const callTokenMs = 60_000;

/** The token file of the data folder. Throws CliError (config) when it is broken. */
export function openTokens(world: World): TokenFile {
  try {
    return openTokenFile(tokensPath(world), { now: world.now });
  } catch (error) {
    if (error instanceof TokenFileError) throw new CliError('config', error.message, { cause: error });
    throw error;
  }
}

/**
 * Calls `work` with an admin token: the one that was given, else, where the server is on this machine and its data folder
 * is at hand, one made for this call and revoked after it. Throws CliError (auth) when there is neither.
 */
export async function withAdminToken<T>(
  world: World,
  options: ServerOptions,
  work: (token: string) => Promise<T>,
): Promise<T> {
  const given = options.token ?? (world.env.FLEET_TOKEN || undefined);
  if (given !== undefined) return work(given);
  if (!isLoopback(baseUrl(options.url, world)) || !existsSync(dataFolder(world))) {
    throw new CliError('auth', 'this needs a token with the scope admin: give it with --token or FLEET_TOKEN');
  }
  const tokens = openTokens(world);
  const nowMs = world.now();
  const { token, record } = createToken({
    scopes: ['admin'],
    vehicles: ['*'],
    nowMs,
    label: 'fleet command',
    expiresMs: nowMs + callTokenMs,
  });
  await tokens.add(record);
  try {
    return await work(token);
  } finally {
    await tokens.revoke(record.id);
  }
}
