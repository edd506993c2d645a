import type { Config } from '../host/config.ts';
import { fleetCommand, quoted } from '../host/fleet-command.ts';
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
  const { onFolder, onServer } = fleetCommand({ dataDir, port });
  console.log(
    [
      `Fleet Telemetry is ready: ${url}`,
      demo
        ? `Demo cars are driving; \`${onServer} demo clear\` removes them and all they left.`
        : `\`${onServer} demo start\` lets demo cars drive.`,
      '',
      'Make a token for a car, and send a sample:',
      `  TOKEN=$(${onFolder} token create --vehicle car-1)`,
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
