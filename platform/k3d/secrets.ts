import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createToken } from '../../functions/lib/auth/tokens.ts';

/** A Secret that is made here and nowhere else; what is in it is never on a command line, nor in the repository. */
interface Made {
  namespace: string;
  name: string;
  data: Record<string, string>;
  /** Said once, when it was made. */
  says: string;
}

const random = () => randomBytes(32).toString('base64url');

function secrets(nowMs: number): Made[] {
  const { token, record } = createToken({ scopes: ['admin'], vehicles: ['*'], nowMs, label: 'cluster' });
  return [
    {
      namespace: 'fleet',
      name: 'influxdb-admin',
      data: { token: random(), password: random() },
      says: "the store's operator; the Job provision uses it",
    },
    {
      namespace: 'observability',
      name: 'grafana-admin',
      data: { password: random() },
      says: `Grafana's user admin; its password: kubectl -n observability get secret grafana-admin -o jsonpath='{.data.password}' | base64 -d`,
    },
    {
      namespace: 'fleet',
      name: 'fleet-api-secrets',
      data: { 'tokens.json': JSON.stringify({ tokens: [record] }) },
      says: `the tokens of clients, as yet one with the scope admin. It is shown this once: ${token}`,
    },
  ];
}

/**
 * `npm run cluster:secrets`: makes the namespaces and the Secrets that are not there yet, on the cluster that KUBECONFIG
 * names. What is there stays as it is.
 */
function makeSecrets(): void {
  run(['apply', '--server-side', '-f', fileURLToPath(new URL('base/namespaces.yaml', import.meta.url))]);
  for (const { namespace, name, data, says } of secrets(Date.now())) {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      type: 'Opaque',
      stringData: data,
    };
    const made = create(JSON.stringify(secret));
    process.stdout.write(made ? `${namespace}/${name} made: ${says}\n` : `${namespace}/${name} is there already\n`);
  }
}

/** Answers whether it was not there. */
function create(text: string): boolean {
  try {
    run(['create', '-f', '-'], text);
    return true;
  } catch (error) {
    if (/AlreadyExists/.test((error as Error).message)) return false;
    throw error;
  }
}

/** The error's message is what kubectl says. */
function run(args: string[], input = ''): void {
  try {
    execFileSync(process.env.KUBECTL || 'kubectl', args, { input, encoding: 'utf8', stdio: 'pipe' });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new Error(`kubectl ${args[0]}: ${(stderr || message).trim()}`, { cause });
  }
}

try {
  makeSecrets();
} catch (error) {
  process.stderr.write(`cluster:secrets: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
