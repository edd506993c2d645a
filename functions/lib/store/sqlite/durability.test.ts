import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const appends = 25;
const script = `
  import { openSqliteStore } from ${JSON.stringify(new URL('../sqlite.ts', import.meta.url).href)};
  const store = await openSqliteStore({ path: process.argv[2], paceMs: 0 });
  for (let i = 0; i < ${appends}; i++) {
    await store.append([{ vehicle: 'car', samples: [{ timeMs: i, device: 'main', speedKmh: 1 }] }], 0);
  }
  process.exit();
`;

/** A kill cannot show a missing fsync: the system keeps what a dead process wrote. So the calls are counted. */
it.skipIf(!canTrace())('syncs the log to disk for every acknowledgement (needs strace and the right to trace)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  try {
    const calls = join(folder, 'calls');
    const trace = ['-f', '-y', '-e', 'trace=fsync,fdatasync', '-o', calls];
    const main = join(folder, 'append.mjs');
    writeFileSync(main, script);
    const { status, stderr } = spawnSync('strace', [...trace, process.execPath, main, join(folder, 'fleet.db')], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const synced = readFileSync(calls, 'utf8').match(/f(data)?sync\(\d+<[^>]*fleet\.db-wal>/g) ?? [];
    expect(synced.length).toBeGreaterThanOrEqual(appends);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function canTrace(): boolean {
  return spawnSync('strace', ['-f', 'true']).status === 0;
}
