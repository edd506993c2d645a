import { tokenFileSchema } from '../../../functions/lib/auth/token-file.ts';
import { createToken } from '../../../functions/lib/auth/tokens.ts';
import { kubectl } from '../kubectl.ts';

const secret = ['-n', 'fleet', 'secret/fleet-api-secrets'];

/**
 * Gives the suite a token for its length, as an operator does: a record in the Secret. Pods that run see it up to a minute
 * later; those of now are ended, and the next ones have it.
 */
export async function setup(): Promise<() => Promise<void>> {
  const { token, record } = createToken({
    scopes: ['admin', 'ingest', 'read'],
    vehicles: ['*'],
    nowMs: Date.now(),
    label: 'e2e',
  });
  await edit((records) => [...records, record]);
  const selector = 'serving.knative.dev/service in (ingest,query)';
  await kubectl(['-n', 'fleet', 'delete', 'pod', '-l', selector, '--wait=true', '--timeout=120s']);
  process.env.CLUSTER_TOKEN = token;
  return () => edit((records) => records.filter(({ id }) => id !== record.id));
}

type Records = ReturnType<typeof tokenFileSchema.parse>['tokens'];

async function edit(change: (records: Records) => Records): Promise<void> {
  const encoded = await kubectl(['get', ...secret, '-o', 'jsonpath={.data.tokens\\.json}']);
  const { tokens } = tokenFileSchema.parse(JSON.parse(Buffer.from(encoded, 'base64').toString()));
  const data = { 'tokens.json': JSON.stringify({ tokens: change(tokens) }) };
  await kubectl(['patch', ...secret, '--patch', JSON.stringify({ stringData: data })]);
}
