// Stands before `start`, `test` and `fleet`: plain JavaScript that runs on Node 20. It installs what is missing, finds the
// pinned Node 24 (a script-free platform package), and hands over to it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Who stops the server does not wait long for it, ms. */
const orphanCheckMs = 500;

/** What each command runs, with Node 24. */
const commands = {
  start: () => [process.env.FUNCTION ? 'platform/host/main.ts' : 'platform/local/main.ts'],
  fleet: () => ['platform/cli/main.ts'],
  test: () => ['node_modules/vitest/vitest.mjs', 'run'],
  faults: () => ['node_modules/vitest/vitest.mjs', 'run', '--config', 'platform/e2e/faults/vitest.config.ts'],
  api: () => ['node_modules/vitest/vitest.mjs', 'run', '--config', 'platform/e2e/api/vitest.config.ts'],
  bench: () => ['platform/bench/main.ts'],
  run: () => [],
};
const [name = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) fail(`usage: node platform/entry.js ${Object.keys(commands).join('|')} …`, 64);

install();
const node = pinnedNode();
const script = commands[name]().map((part) => (part.includes('/') ? join(root, part) : part));
handOver(node, [...nodeFlags(name), ...script, ...rest]);

/** Installs the packages of the lockfile where they are missing or older than it. */
function install() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs - 1000)
    return;
  if (existsSync(installed) && !existsSync(join(root, '.git'))) return;
  console.error('fleet: installing packages (npm ci), once …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) fail('npm ci failed; run it in this folder to see why', 69);
}

/** The pinned Node where its package is there for this platform, else this Node if it is new enough. */
function pinnedNode() {
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const packaged = join(
    root,
    'node_modules',
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    binary,
  );
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return fail(
    `fleet ${version} needs Node 24, and there is no packaged one for ${process.platform}-${process.arch}: install Node 24 or newer`,
    69,
  );
}

/**
 * Bounds the heap on small machines. A small young generation is enough for the garbage of batches; a function alone has that
 * of functions/ingest/service.yaml: room for what thousands of requests under way keep alive.
 */
function nodeFlags(name) {
  if (name !== 'start') return [];
  const flags = JSON.parse(readFileSync(join(root, 'platform', 'host', 'start-flags.json'), 'utf8'));
  return process.env.FUNCTION ? flags.function : flags.laptop;
}

function handOver(node, argv) {
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compile'),
  };
  // `fleet` means file names by the caller's folder, the others theirs by the project's.
  const cwd = name === 'fleet' ? process.cwd() : root;
  // The channel tells the child when this process is gone, even by SIGKILL.
  const child = spawn(node, argv, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env, cwd });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) whenOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`, 69));
  child.on('exit', (code, signal) => {
    if (signal) process.removeAllListeners(signal);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

/**
 * npm hands a signal to its shell, which ends by it and tells nobody. Started without npm, a process may be meant to outlive
 * its parent.
 */
function whenOrphaned(end) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, orphanCheckMs).unref();
}

function fail(message, code) {
  console.error(`fleet: ${message}`);
  process.exit(code);
}
