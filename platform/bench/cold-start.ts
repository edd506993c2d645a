import { parseArgs } from 'node:util';
import { z } from 'zod';
import { gatewaySetting } from '../e2e/cluster/services.ts';
import { lendTokens } from '../e2e/cluster/tokens.ts';
import { coldStartText, goalMs, isReached, roundText } from './cold-start-report.ts';
import { measureColdStarts } from './cold-starts.ts';
import { machineText, thisMachine } from './report.ts';

const usage = `npm run bench:cold-start -- --yardstick NAMESPACE/SERVICE [--rounds 20]

On the cluster that KUBECONFIG names: from no pod to the answer, ingest's 202 for a sample beside a GET of the yardstick, the
least that a Knative Service of the cluster can be. CLUSTER_INGRESS is where Traefik is reached. Ends with 1 where ingest takes
over ${goalMs} ms longer. A round takes as long as Services take to fall asleep.`;

const options = z.object({
  rounds: z.coerce.number().int().min(1).default(20),
  yardstick: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'must be NAMESPACE/SERVICE'),
});

const { values } = parseArgs({ options: { rounds: { type: 'string' }, yardstick: { type: 'string' } } });
const given = options.safeParse(values);
if (!given.success) {
  console.error(`${z.prettifyError(given.error)}\n\n${usage}`);
  process.exit(64);
}
const gateway = gatewaySetting.parse(process.env.CLUSTER_INGRESS);
const { rounds, yardstick } = given.data;

console.log(machineText(thisMachine(Date.now())));
const { tokens, takeBack } = await lendTokens([{ scopes: ['ingest'], vehicles: ['*'] }]);
try {
  const figures = await measureColdStarts({
    ...{ gateway, rounds, yardstick, token: tokens[0] ?? '' },
    onRound: (round) => console.log(roundText(round, yardstick)),
  });
  console.log(`\n${coldStartText(figures)}`);
  process.exitCode = isReached(figures) ? 0 : 1;
} finally {
  await takeBack();
}
process.channel?.unref();
