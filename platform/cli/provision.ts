import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { writeAtomic } from '../../functions/lib/auth/write-atomic.ts';
import { applySecrets } from './cluster-secrets.ts';
import { CliError } from './exit.ts';
import { addExamples } from './options.ts';
import type { World } from './world.ts';

interface ProvisionCommandOptions {
  output?: string;
  namespace: string;
  grafanaNamespace?: string;
  kubernetes?: boolean;
}

/** `fleet provision`: secrets come from the environment or from files, and go to files or to a pipe. */
export function addProvisionCommand(program: Command, world: World): void {
  const provision = program.command('provision').description('set up what the functions stand on');
  addExamples(
    provision
      .command('influx')
      .description('organisation, buckets, retention and a token for each function; the second time it changes nothing')
      .option('--output <file>', 'write the tokens there as Kubernetes Secrets, for the owner alone (standard output)')
      .option('--kubernetes', 'write them into the cluster that this runs in, as its service account may')
      .option('--namespace <name>', 'of the Secrets', namespace, 'fleet')
      .option('--grafana-namespace <name>', "of the Secret with Grafana's token (as --namespace)", namespace)
      .addHelpText('after', environment)
      .action((options: ProvisionCommandOptions) => influx(world, options)),
    'INFLUX_URL=http://localhost:8086 INFLUX_TOKEN_FILE=admin-token fleet provision influx --output secrets.yaml',
    'fleet provision influx | kubectl apply -f -',
  );
}

const environment = `
Environment:
  INFLUX_URL       base URL of InfluxDB v2
  INFLUX_ORG       organisation (fleet)
  INFLUX_TOKEN     an operator's token, or INFLUX_TOKEN_FILE with it; where the server was never set up, it is made this
  INFLUX_PASSWORD  of the first user, or INFLUX_PASSWORD_FILE with it; only where the server was never set up`;

async function influx(world: World, options: ProvisionCommandOptions): Promise<void> {
  const { env } = world;
  const { output, kubernetes } = options;
  if (kubernetes && output !== undefined) throw new CliError('usage', 'give --kubernetes or --output, not both');
  const url = URL.parse(env.INFLUX_URL ?? '');
  if (!url || !/^https?:$/.test(url.protocol)) throw new CliError('config', 'INFLUX_URL: must be an http(s) URL');
  const adminToken = await secret(world, 'INFLUX_TOKEN');
  if (adminToken === undefined) throw new CliError('config', 'INFLUX_TOKEN or INFLUX_TOKEN_FILE: an operator needs it');
  const password = await secret(world, 'INFLUX_PASSWORD');
  // Loaded only here: every other command starts faster without the client.
  const { provision, ProvisionRefused } = await import('../../functions/lib/store/influx/provision.ts');
  const org = env.INFLUX_ORG || 'fleet';
  try {
    const { tokens, done } = await provision({ url: url.href.replace(/\/+$/, ''), org, adminToken, password });
    for (const step of done) world.err(`${step}\n`);
    if (done.length === 0) world.err('everything was there already\n');
    const secrets = secretsOf(tokens, options);
    if (kubernetes) return await applySecrets(world, secrets);
    const text = secrets.map((secret) => stringify(secret)).join('---\n');
    if (output === undefined) return world.out(text);
    await writeAtomic(output, text, async () => true);
    world.err(`tokens of ${Object.keys(tokens).join(', ')} are in ${output}\n`);
  } catch (error) {
    if (error instanceof ProvisionRefused) throw new CliError(error.isFinal ? 'config' : 'unavailable', error.message);
    throw error;
  }
}

/** Each function mounts its own Secret (functions/<name>/service.yaml). */
function secretsOf(tokens: Record<string, string>, { namespace: ns, grafanaNamespace }: ProvisionCommandOptions) {
  return Object.entries(tokens).map(([user, token]) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `fleet-influx-${user}`,
      namespace: user === 'grafana' ? (grafanaNamespace ?? ns) : ns,
      labels: { 'app.kubernetes.io/part-of': 'fleet' },
    },
    type: 'Opaque',
    stringData: { token },
  }));
}

/** A secret of the environment, or of the file that the environment names. */
async function secret({ env, read }: World, name: string): Promise<string | undefined> {
  const path = env[`${name}_FILE`];
  if (!path) return env[name] || undefined;
  if (env[name]) throw new CliError('config', `${name} and ${name}_FILE are both set`);
  const text = await read(path).catch((cause: Error) => {
    throw new CliError('config', `${name}_FILE: ${cause.message}`, { cause });
  });
  return text.trim() || undefined;
}

function namespace(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError('Not a namespace.');
  return text;
}
