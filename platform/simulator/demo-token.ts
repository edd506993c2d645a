import { createToken } from '../../functions/lib/auth/tokens.ts';

/** The label of the demo's tokens: as long as there is one, the demo goes on at every start. */
export const demoLabel = 'demo';

/** A token for the demo cars, and the record to keep of it. */
export function createDemoToken(vehicles: readonly string[], nowMs: number): ReturnType<typeof createToken> {
  return createToken({ scopes: ['ingest'], vehicles, label: demoLabel, nowMs });
}
