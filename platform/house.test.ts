import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '');

/** What a room may import of ours, beside itself (DESIGN §9). Tests may reach further. */
const rooms: [room: string, mayImport: string[]][] = [
  ['functions/lib/obd2-pid-decoder', []],
  ['functions/lib/auth', []],
  ['functions/lib/cloudevents', ['functions/lib/telemetry']],
  ['functions/lib/telemetry', ['functions/lib/obd2-pid-decoder']],
  ['functions/lib/trips', ['functions/lib/telemetry']],
  ['functions/lib/rollups', ['functions/lib/telemetry']],
  ['functions/lib/store', ['functions/lib/telemetry', 'functions/lib/trips', 'functions/lib/rollups']],
  ['functions/lib', ['functions/lib']],
  ['functions', ['functions/lib']],
  ['platform/host', ['functions']],
  ['platform/simulator', ['functions/lib']],
  ['platform/local', ['functions', 'platform/host', 'platform/simulator']],
  ['platform/cli', ['functions', 'platform/host', 'platform/local', 'platform/simulator']],
  ['platform/k3d', ['functions/lib']],
  ['platform/bench', ['functions', 'platform/host', 'platform/local', 'platform/simulator', 'platform/e2e']],
  ['platform/e2e', ['functions', 'platform/host', 'platform/local', 'platform/simulator']],
  ['grafana', ['functions/lib']],
];

/** Below the host, only these touch the world: the adapters of the store, and the lock of a file. */
const adapters = [
  ...['functions/lib/store/sqlite/', 'functions/lib/store/sqlite.ts'],
  ...['functions/lib/store/influx/', 'functions/lib/store/influx.ts'],
  'functions/lib/auth/file-lock.ts',
];

const roomOf = (path: string) => rooms.find(([room]) => path.startsWith(`${room}/`));

describe('the house', () => {
  it('has the top level that DESIGN §9 fixes', () => {
    const top = new Set(files.map((file) => file.split('/')[0]).filter((name) => !name?.startsWith('.')));
    const fixed = ['functions', 'eventing', 'platform', 'grafana', 'fixtures', 'package.json', 'package-lock.json'];
    const others = ['tsconfig.json', 'func.yaml', 'README.md', 'LICENSE', 'vitest.config.ts'];
    expect([...top].filter((name) => name && ![...fixed, ...others].includes(name))).toEqual([]);
  });

  it('has imports that point one way', () => {
    const wrong: string[] = [];
    for (const file of files.filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !isTestHelp(name),
    )) {
      const room = roomOf(file);
      if (!room) continue;
      for (const imported of importsOf(file)) {
        const target = relative(root, resolve(root, dirname(file), imported));
        const [name, may] = room;
        const own = target.startsWith(`${name}/`) && roomOf(target)?.[0] === name;
        if (!own && !may.some((other) => target.startsWith(`${other}/`))) wrong.push(`${file} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('takes nothing of the environment, the network, the clock or chance below the host and the adapters', () => {
    const forbidden = /\bprocess\.env\b|\bDate\.now\(|\bMath\.random\(|\bfetch\(|from 'node:(?:http|https|net|dns)'/;
    const pure = files.filter(
      (name) =>
        /^functions\/.*(?<!\.test)\.ts$/.test(name) &&
        !isTestHelp(name) &&
        !adapters.some((adapter) => name.startsWith(adapter)),
    );
    expect(pure.filter((file) => forbidden.test(withoutComments(file)))).toEqual([]);
  });

  it('keeps host names of registries and paths of machines out of what is committed', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved": "https?:/);
  });
});

function importsOf(file: string): string[] {
  return [...withoutComments(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
}

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** Helpers that only tests use stand in folders named testing, or say so in their name. */
function isTestHelp(file: string): boolean {
  return /\/testing\/|\/contract(?:\/|\.ts$)|\/test-[a-z-]+\.ts$|\/fake-clock\.ts$/.test(file);
}
