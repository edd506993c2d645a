import { resolve } from 'node:path';
import type { Config } from '../host/config.ts';
import type { Local } from './local.ts';

interface Started {
  demo: boolean;
  /** Path of the file that kn and kubectl read. */
  kubeconfig: string;
}

/** What to do next, on stdout: data and hints for a person; the log goes to stderr. */
export function welcome({ port }: Local, { dataDir }: Config, { demo, kubeconfig }: Started): void {
  const url = `http://localhost:${port}`;
  const now = "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'";
  // What the `fleet` command must be told where it is not the usual.
  const data = dataDir === resolve('data') ? '' : `FLEET_DATA=${dataDir} `;
  const elsewhere = port === 8080 ? data : `${data}PORT=${port} `;
  console.log(
    [
      `Fleet Telemetry is ready: ${url}`,
      demo
        ? `Demo cars are driving; \`${elsewhere}npx fleet demo clear\` removes them and all they left.`
        : `\`${elsewhere}npx fleet demo start\` lets demo cars drive.`,
      '',
      'Make a token for a car, and send a sample:',
      `  TOKEN=$(${data}npx fleet token create --vehicle car-1)`,
      `  curl ${url}/ingest -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
      `    -d '{"vehicle":"car-1","time":"${now}","speedKmh":50}'`,
      '',
      'Inspect what runs with kn and kubectl:',
      `  export KUBECONFIG=${quoted(kubeconfig)}`,
      '',
    ]
      .filter((line, i, lines) => line !== '' || lines[i - 1] !== '')
      .join('\n'),
  );
}

/** For a shell, where it would not take the path as it is. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
