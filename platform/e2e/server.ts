import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { createToken, type Scope } from '../../functions/lib/auth/tokens.ts';
import { tokenFile } from '../host/data-folder.ts';
import startFlags from '../host/start-flags.json' with { type: 'json' };
import { storeSettings } from './influx-settings.ts';
import { eventually, freePort, type Program, startProgram } from './program.ts';

/** Nothing that a test sends is more than it may. */
const config = 'ingest:\n  requestsPerMinute: 1000000\n';

/** Everything in one process, or `ingest` alone, as a container has it. */
export type Hosting = 'laptop' | 'function';

export interface StartOptions {
  env?: Record<string, string>;
  /** Runs two minutes after now (later.ts). */
  later?: boolean;
  hosting?: Hosting;
  /** Its clock can be set while it runs (faults/settable-clock.ts). */
  settableClock?: boolean;
}

/** A server in a process of its own, on a data folder of its own that outlives its crashes. */
export class Server {
  readonly dataDir: string;
  readonly url: string;
  /** Of the internal listener: the broker's ingress. */
  readonly internalUrl: string;
  readonly #store: Record<string, string>;
  #program: Program | undefined;

  private constructor(dataDir: string, port: number, internalPort: number, store: Record<string, string>) {
    this.dataDir = dataDir;
    this.#store = store;
    this.url = `http://127.0.0.1:${port}`;
    this.internalUrl = `http://127.0.0.1:${internalPort}`;
  }

  /** A data folder and ports, without a process yet. */
  static async prepare(parent?: string): Promise<Server> {
    const folder = await temporaryFolder(parent);
    const server = new Server(folder, await freePort(), await freePort(), await storeSettings());
    await writeFile(join(server.dataDir, 'config.yaml'), config);
    return server;
  }

  /** The settings of the process. */
  get env(): Record<string, string> {
    return {
      FLEET_DATA: this.dataDir,
      PORT: new URL(this.url).port,
      INTERNAL_PORT: new URL(this.internalUrl).port,
      FLEET_DEMO: 'off',
      LOG_LEVEL: 'warn',
      ...this.#store,
    };
  }

  /** Of the process that runs. */
  get pid(): number {
    if (!this.#program) throw new Error('the server has not been started');
    return this.#program.pid;
  }

  /** Starts the process, and waits until it is ready. */
  async start(options: StartOptions = {}): Promise<void> {
    const { env = {}, later = false, settableClock = false, hosting = 'laptop' } = options;
    const scripts = [later && './later.ts', settableClock && './faults/settable-clock.ts'].filter(
      (path) => path !== false,
    );
    const preload = scripts.flatMap((path) => ['--import', new URL(path, import.meta.url).href]);
    const [main, alone] =
      hosting === 'laptop' ? ['platform/local/main.ts', {}] : ['platform/host/main.ts', { FUNCTION: 'ingest' }];
    const program = startProgram([...startFlags[hosting], ...preload, main], { ...this.env, ...alone, ...env });
    this.#program = program;
    await ready(this.url, program);
  }

  /** Ends the process as a power cut would, for the process. */
  async kill9(): Promise<void> {
    this.#program?.kill('SIGKILL');
    await this.#program?.ended;
  }

  async restart(options?: StartOptions): Promise<void> {
    await this.kill9();
    await this.start(options);
  }

  /** How the process ended; resolves when it has. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (!this.#program) throw new Error('the server has not been started');
    return this.#program.ended;
  }

  /** Says something to what was loaded before the server. */
  tell(message: object): void {
    this.#program?.tell(message);
  }

  /** Asks the process to end, and answers its exit code. */
  async stop(): Promise<number | null> {
    this.#program?.kill('SIGTERM');
    return (await this.#program?.ended)?.code ?? null;
  }

  /** A new token; the server finds it in its file. */
  async token(vehicles: readonly string[], scopes: readonly Scope[] = ['ingest']): Promise<string> {
    const { token, record } = createToken({ scopes, vehicles, nowMs: Date.now() });
    await openTokenFile(tokenFile(this.dataDir), { now: Date.now }).add(record);
    return token;
  }

  async revoke(token: string): Promise<void> {
    await openTokenFile(tokenFile(this.dataDir), { now: Date.now }).revoke(token.split('.')[0] ?? '');
  }

  log(): string {
    return this.#program?.stderr() ?? '';
  }

  async dispose(): Promise<void> {
    this.#program?.killAll();
    await this.#program?.ended;
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** A server that runs for the length of the test that calls this. */
export async function startServer(options?: StartOptions): Promise<Server> {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  await server.start(options);
  return server;
}

/** Waits until a process answers its readiness probe. Throws with its last words when it ends instead. */
export async function ready(url: string, program: Program): Promise<void> {
  const explain = () => program.stderr();
  await eventually(
    `readiness of ${url}`,
    async () => {
      if (!program.running) throw new Error(`the process ended before it was ready: ${program.stderr()}`);
      return (await isReady(url)) || undefined;
    },
    { explain },
  );
}

/** Whether somebody answers there. */
export async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/readiness`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

export function temporaryFolder(parent = tmpdir()): Promise<string> {
  return mkdtemp(join(parent, 'fleet-e2e-'));
}
