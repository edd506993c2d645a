import { existsSync } from 'node:fs';
import type { Store } from '../../functions/lib/store/port.ts';
import type { VehicleAnswer } from '../../functions/query/answers.ts';
import { demoLabel } from '../simulator/demo-token.ts';
import { openTokens, withAdminToken } from './admin.ts';
import { send, textOf } from './api.ts';
import { CliError, exitCodes } from './exit.ts';
import type { ServerOptions } from './options.ts';
import { baseUrl, dataFolder, isLoopback } from './settings.ts';
import type { World } from './world.ts';

/** Ids of demo cars begin so. */
const demoPrefix = 'demo-';
/** A running server looks at tokens.json every second; a batch it took just before is stored by then, ms. */
const revocationMs = 1_500;

/** Removes the demo's tokens first, so that its cars cannot come back while they are erased. */
export async function clearDemo(world: World, options: ServerOptions): Promise<void> {
  const base = baseUrl(options.url, world);
  const here = isLoopback(base) && existsSync(dataFolder(world));
  if (here && (await revokeTokens(world)) > 0) await world.sleep(revocationMs);
  let erased: number;
  try {
    erased = await withAdminToken(world, options, (token) => eraseByServer(world, base, token));
  } catch (error) {
    const down = error instanceof CliError && error.exitCode === exitCodes.unavailable;
    if (!down || !here) throw error;
    erased = await eraseInStore(dataFolder(world));
  }
  world.err(`${erased} demo vehicles erased\n`);
}

/** Answers how many there were. */
async function revokeTokens(world: World): Promise<number> {
  const tokens = openTokens(world);
  const demo = tokens.list().filter(({ label }) => label === demoLabel);
  for (const { id } of demo) await tokens.revoke(id);
  return demo.length;
}

async function eraseByServer(world: World, base: URL, token: string): Promise<number> {
  const demo: string[] = [];
  let cursor: string | undefined;
  do {
    const text = textOf(await send(world, base, { path: '/api/vehicles', query: { cursor }, token }));
    const { vehicles, next } = JSON.parse(text) as { vehicles: VehicleAnswer[]; next: string | null };
    demo.push(...vehicles.map(({ id }) => id).filter((id) => id.startsWith(demoPrefix)));
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  for (const id of demo) {
    // Without a tombstone: they may drive again, in the past too (demo backfill).
    const query = { tombstone: 'false' };
    textOf(
      await send(world, base, { method: 'DELETE', path: `/api/vehicles/${encodeURIComponent(id)}`, query, token }),
    );
  }
  return demo.length;
}

/** With the server down, on its file; a data folder that another process has (on another port) is left alone. */
async function eraseInStore(folder: string): Promise<number> {
  // Loaded only here: every other command starts faster without the store.
  const { storeFile, takeDataFolder } = await import('../host/data-folder.ts');
  const { openSqliteStore } = await import('../../functions/lib/store/sqlite.ts');
  if (!existsSync(storeFile(folder))) return 0;
  const { release } = takeDataFolder(folder);
  try {
    const store = await openSqliteStore({ path: storeFile(folder) });
    try {
      return await eraseAll(store);
    } finally {
      await store.close();
    }
  } finally {
    release();
  }
}

async function eraseAll(store: Store): Promise<number> {
  let erased = 0;
  for (;;) {
    const vehicles = (await store.listVehicles(1_000, demoPrefix)).map(({ vehicle }) => vehicle);
    const demo = vehicles.filter((vehicle) => vehicle.startsWith(demoPrefix));
    if (demo.length === 0) return erased;
    for (const vehicle of demo) await store.eraseVehicle(vehicle, null);
    erased += demo.length;
  }
}
