import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Config } from '../../host/config.ts';
import { isLoopback } from '../settings.ts';
import type { World } from '../world.ts';
import { check, type Finding, span } from './finding.ts';

const answerMs = 5_000;
const connectMs = 500;
const mostSkewMs = 60_000;

export interface ServerState {
  up: boolean;
  findings: Finding[];
}

/**
 * Whether a server answers, with a store that can be written; else whether it could start.
 *
 * @param held whether another process has the data folder; undefined where there is none
 */
export async function checkServer(
  base: URL,
  { port, internalPort }: Pick<Config, 'port' | 'internalPort'>,
  held: boolean | undefined,
  world: World,
): Promise<ServerState> {
  const { ok, hint, problem } = check('server');
  const answer = await readiness(base, world);
  if (answer === undefined) {
    const findings = held
      ? [hint(`${base.origin} does not answer, but a process has the data folder`, 'name its PORT, or FLEET_URL')]
      : [hint(`${base.origin} does not answer`, 'npm start')];
    return { up: false, findings: held ? findings : [...findings, ...(await checkPorts({ port, internalPort }))] };
  }
  const findings = [
    answer.ok
      ? ok(`${base.origin} is ready`)
      : problem(`${base.origin} is not ready: ${answer.text}`, 'look at disk and store here, and at its log'),
  ];
  if (isLoopback(base) && held === false) {
    findings.push(
      problem(`${base.origin} has another data folder than this`, 'give the FLEET_DATA that it was started with'),
    );
  }
  if (Math.abs(answer.skewMs) > mostSkewMs) {
    findings.push(problem(`its clock differs from this one by ${span(answer.skewMs)}`, 'set both by NTP'));
  }
  if (isLoopback(base)) findings.push(...(await checkExposure(internalPort)));
  return { up: true, findings };
}

async function readiness(base: URL, { fetch, now }: World) {
  try {
    const answer = await fetch(new URL('/health/readiness', base), { signal: AbortSignal.timeout(answerMs) });
    const dateMs = Date.parse(answer.headers.get('date') ?? '');
    const skewMs = Number.isNaN(dateMs) ? 0 : dateMs - now();
    return { ok: answer.ok, text: (await answer.text()).slice(0, 200), skewMs };
  } catch {
    return undefined;
  }
}

async function checkPorts(ports: { port: number; internalPort: number }): Promise<Finding[]> {
  const { problem } = check('ports');
  const named = [
    ['PORT', ports.port],
    ['INTERNAL_PORT', ports.internalPort],
  ] as const;
  const findings: Finding[] = [];
  for (const [name, port] of named) {
    if (port !== 0 && !(await isFree(port))) {
      findings.push(problem(`${port} is taken by another program`, `stop it, or set ${name} to another port`));
    }
  }
  return findings;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** The internal port is for this machine alone: whoever reaches it may write events past every token. */
async function checkExposure(internalPort: number): Promise<Finding[]> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
  const open = await Promise.all(outside.map(({ address }) => connects(address, internalPort)));
  const found = outside.find((_, i) => open[i]);
  if (!found) return [];
  const says = `${internalPort} can be reached at ${found.address}`;
  return [check('ports').problem(says, 'close it in the firewall: events sent there need no token')];
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
