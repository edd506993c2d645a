import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import startFlags from '../host/start-flags.json' with { type: 'json' };
import { type Usage, usageQuestion } from './usage-probe.ts';

const readyWithinMs = 15_000;

export interface MeasuredProcess {
  port: number;
  usage(): Promise<Usage>;
  /** Ends it as a supervisor would; rejects when it did not end well. */
  stop(): Promise<void>;
  /** Ends it at once, if it still runs. */
  kill(): void;
}

/** Starts a server script of this checkout, as platform/entry.js does, and waits until it answers on its port. */
export async function startMeasured(
  script: string,
  env: Record<string, string>,
  flags = env.FUNCTION ? startFlags.function : startFlags.laptop,
): Promise<MeasuredProcess> {
  const port = await freePort();
  const probe = new URL('./usage-probe.ts', import.meta.url).href;
  const argv = [...flags, '--import', probe, fileURLToPath(new URL(script, import.meta.url))];
  const child = spawn(process.execPath, argv, {
    env: { ...cleanEnv(), ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await answering(child, port);
  async function ask(): Promise<Usage> {
    child.send(usageQuestion);
    const [usage] = await once(child, 'message');
    return usage as Usage;
  }
  /** One question at a time, so that nobody takes an answer to somebody else. */
  let asked: Promise<unknown> = Promise.resolve();
  return {
    port,
    usage() {
      const usage = asked.then(ask);
      asked = usage.catch(() => {});
      return usage;
    },
    async stop() {
      if (child.exitCode !== null) throw new Error(`${script} had ended with code ${child.exitCode}`);
      child.kill('SIGTERM');
      const [code, signal] = await once(child, 'exit');
      // A script without a handler for the signal ends by it.
      if (code !== 0 && signal !== 'SIGTERM') throw new Error(`${script} ended with code ${code}`);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** The environment without any setting of ours. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const ours = /^(?:FLEET_|PORT$|INTERNAL_PORT$|STORE$|FUNCTION$|BROKER_URL$|LOG_LEVEL$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  const giveUpAt = performance.now() + readyWithinMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a server ended with code ${child.exitCode} before it answered`);
    if (performance.now() > giveUpAt) throw new Error(`a server did not answer within ${readyWithinMs} ms`);
    try {
      const response = await fetch(`http://127.0.0.1:${port}/health/readiness`);
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
