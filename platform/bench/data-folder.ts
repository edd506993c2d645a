import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { createToken } from '../../functions/lib/auth/tokens.ts';
import { storeFile, tokenFile } from '../host/data-folder.ts';

/** An empty data folder with a token for any vehicle, and no rate limit that would be met. */
export interface BenchFolder {
  token: string;
  /** The settings that point a server at it. */
  env: { FLEET_DATA: string; FLEET_CONFIG: string; LOG_LEVEL: string };
  /** Samples in the store's file, read without the server. */
  countSamples(): number;
  remove(): void;
}

export async function createBenchFolder(): Promise<BenchFolder> {
  // On the disk of the checkout: a temporary folder is memory on many machines, where an fsync costs nothing.
  const parent = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, 'bench-'));
  const config = join(path, 'config.yaml');
  writeFileSync(config, 'ingest: { requestsPerMinute: 100000000 }\n');
  const nowMs = Date.now();
  const { token, record } = createToken({ scopes: ['ingest', 'read'], vehicles: ['*'], nowMs });
  await openTokenFile(tokenFile(path), { now: Date.now }).add(record);
  return {
    token,
    env: { FLEET_DATA: path, FLEET_CONFIG: config, LOG_LEVEL: 'warn' },
    countSamples() {
      const db = new DatabaseSync(storeFile(path), { readOnly: true });
      const rows = db.prepare('SELECT count(*) AS n FROM sample').get() as { n: number };
      const parts = db.prepare('SELECT total(count) AS n FROM receipt WHERE part IS NOT NULL').get() as { n: number };
      db.close();
      return rows.n + parts.n;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
