import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../server.ts';
import { openTarget } from './target.ts';
import { aWorld, brokerUrl } from './world.ts';

/** Another SDK than ours and JavaScript's: what it sends and how it answers is not of our making. */
const sdk = 'cloudevents==2.2.0';
const script = fileURLToPath(new URL('./python-sdk.py', import.meta.url));
const installMs = 180_000;

const run = promisify(execFile);
const missing = pythonIsMissing();
let folder = '';
const python = () => join(folder, 'bin', 'python');

beforeAll(async () => {
  if (missing) return;
  folder = await temporaryFolder();
  await run('python3', ['-m', 'venv', folder]);
  await run(python(), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', sdk]);
}, installMs);

afterAll(async () => {
  if (!missing) await rm(folder, { recursive: true, force: true });
});

test.for(['binary', 'structured'])(
  'a producer and a subscriber of Python’s SDK ask and answer, in %s mode',
  async (mode, { skip }) => {
    if (missing) {
      const reason = 'skipped: there is no python3 with venv and ensurepip on this machine (apt install python3-venv)';
      console.warn(reason);
      skip(reason);
    }
    const target = await openTarget();
    const uri = await aPythonSubscriber(target.name === 'local' ? '127.0.0.1' : '0.0.0.0', target.subscriberHost);
    const world = await aWorld([
      { uri, filters: [{ prefix: { type: 'conformance.python' } }, { suffix: { type: '.asked' } }] },
      { filter: { attributes: { type: 'conformance.python.answered' } } },
    ]);
    const { stdout } = await run(python(), [script, 'produce', brokerUrl(world.target, world.broker), mode]);
    expect(stdout.trim()).toBe('202');

    const [answer] = (await world.subscribers[1]?.atLeast(1)) ?? [];
    await world.target.quiet();
    expect(world.subscribers[1]?.received).toHaveLength(1);
    expect(answer?.headers).toMatchObject({
      'ce-id': `re:${mode}`,
      'ce-source': '/conformance/python',
      // Knative's Go SDK puts it into a header as it is, where it should be percent-encoded (HTTP binding §3.1.3.2).
      ...((target.name === 'local' || mode === 'binary') && { 'ce-subject': 'Z%C3%BCrich%20%E2%82%AC5' }),
      'content-type': 'application/json',
    });
    expect(JSON.parse(String(answer?.body))).toEqual({
      data: { speedKmh: 50.5, name: 'Zürich' },
      time: '2026-01-31T12:30:00+00:00',
      specversion: '1.0',
    });
  },
);

async function aPythonSubscriber(listenOn: string, host: string): Promise<string> {
  const child: ChildProcess = spawn(python(), [script, 'subscribe', listenOn], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = await once(child.stdout ?? expect.unreachable(), 'data');
  return `http://${host}:${Number(String(line))}/`;
}

function pythonIsMissing(): boolean {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}
