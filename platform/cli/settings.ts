import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from './exit.ts';
import type { World } from './world.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The data folder: FLEET_DATA, `data/` unless set; a relative path starts at the repository's root. */
export function dataFolder({ env }: Pick<World, 'env'>): string {
  return resolve(repository, env.FLEET_DATA || 'data');
}

/** The tokens: FLEET_TOKENS, `tokens.json` in the data folder unless set. */
export function tokensPath(world: Pick<World, 'env'>): string {
  return world.env.FLEET_TOKENS
    ? resolve(repository, world.env.FLEET_TOKENS)
    : resolve(dataFolder(world), 'tokens.json');
}

/** Base URL of the server: `--url`, FLEET_URL, or this machine's PORT. Throws CliError. */
export function baseUrl(given: string | undefined, { env }: Pick<World, 'env'>): URL {
  if (given !== undefined) return parseUrl(given, 'usage', '--url');
  if (env.FLEET_URL) return parseUrl(env.FLEET_URL, 'config', 'FLEET_URL');
  const port = env.PORT || '8080';
  if (!/^\d{1,5}$/.test(port)) throw new CliError('config', `PORT is not a port number: ${port}`);
  return new URL(`http://127.0.0.1:${port}`);
}

/** Whether the server runs on this machine, so that the data folder here is its own. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function parseUrl(text: string, kind: 'usage' | 'config', name: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new CliError(kind, `${name} is not an http(s) URL: ${text}`);
}

/** Throws CliError where the store is no file of the data folder: what lies there then is not what the server has. */
export function demandFileStore({ env }: Pick<World, 'env'>, instead: string): void {
  if (env.STORE === 'influx') throw new CliError('config', `the store is InfluxDB (STORE): ${instead}`);
}
