import { tokenFileSchema } from '../../../functions/lib/auth/token-file.ts';
import { createToken, type NewToken } from '../../../functions/lib/auth/tokens.ts';
import { kubectl } from '../kubectl.ts';

const secret = ['-n', 'fleet', 'secret/fleet-api-secrets'];

export interface LentTokens {
  /** In the order they were asked for. */
  tokens: string[];
  takeBack(): Promise<void>;
}

/** What a run that was cut off left behind is good for nothing after that, ms; longer than any run. */
const lentForMs = 24 * 3_600_000;

/**
 * Adds tokens to the Secret for the length of a run, as an operator does. Pods that run see them up to a minute later; those
 * of now are ended, and the next ones have them.
 */
export async function lendTokens(wanted: readonly Pick<NewToken, 'scopes' | 'vehicles'>[]): Promise<LentTokens> {
  const nowMs = Date.now();
  const made = wanted.map((one) => createToken({ ...one, nowMs, expiresMs: nowMs + lentForMs, label: 'e2e' }));
  const records = made.map(({ record }) => record);
  await edit((others) => [...others, ...records]);
  const selector = 'serving.knative.dev/service in (ingest,query)';
  await kubectl(['-n', 'fleet', 'delete', 'pod', '-l', selector, '--wait=true', '--timeout=120s']);
  const ids = new Set(records.map(({ id }) => id));
  return {
    tokens: made.map(({ token }) => token),
    takeBack: () => edit((all) => all.filter(({ id }) => !ids.has(id))),
  };
}

type Records = ReturnType<typeof tokenFileSchema.parse>['tokens'];

async function edit(change: (records: Records) => Records): Promise<void> {
  const encoded = await kubectl(['get', ...secret, '-o', 'jsonpath={.data.tokens\\.json}']);
  const { tokens } = tokenFileSchema.parse(JSON.parse(Buffer.from(encoded, 'base64').toString()));
  const data = { 'tokens.json': JSON.stringify({ tokens: change(tokens) }) };
  await kubectl(['patch', ...secret, '--patch', JSON.stringify({ stringData: data })]);
}
