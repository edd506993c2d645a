import { lendTokens } from './tokens.ts';

/** Gives the suite a token for its length. */
export async function setup(): Promise<() => Promise<void>> {
  const { tokens, takeBack } = await lendTokens([{ scopes: ['admin', 'ingest', 'read'], vehicles: ['*'] }]);
  process.env.CLUSTER_TOKEN = tokens[0];
  return takeBack;
}
