import type { Store } from '../../functions/lib/store/port.ts';
import { demoPrefix } from '../../functions/lib/telemetry/demo.ts';
import type { VehicleAnswer } from '../../functions/query/answers.ts';
import { demoLabel } from '../simulator/demo-token.ts';
import { openTokens, withAdminToken } from './admin.ts';
import { send, textOf } from './api.ts';
import { byServerOrStore, isHere } from './offline-store.ts';
import type { ServerOptions } from './options.ts';
import { baseUrl } from './settings.ts';
import type { World } from './world.ts';

/** A running server looks at tokens.json every second; a batch it took just before is stored by then, ms. */
const revocationMs = 1_500;

/**
 * Removes the demo's tokens first, so that its cars cannot come back while they are erased. They leave no tombstone: they
 * may drive again, in the past too (`demo backfill`).
 */
export async function clearDemo(world: World, options: ServerOptions): Promise<void> {
  const base = baseUrl(options.url, world);
  if (isHere(world, options) && (await revokeTokens(world)) > 0) await world.sleep(revocationMs);
  const erased = await byServerOrStore(world, options, {
    byServer: () => withAdminToken(world, options, (token) => eraseByServer(world, base, token)),
    onStore: eraseInStore,
    absent: 0,
  });
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
    const [path, query] = [`/api/vehicles/${encodeURIComponent(id)}`, { tombstone: 'false' }];
    textOf(await send(world, base, { method: 'DELETE', path, query, token }));
  }
  return demo.length;
}

async function eraseInStore(store: Store): Promise<number> {
  let erased = 0;
  for (;;) {
    const vehicles = (await store.listVehicles(1_000, demoPrefix)).map(({ vehicle }) => vehicle);
    const demo = vehicles.filter((vehicle) => vehicle.startsWith(demoPrefix));
    if (demo.length === 0) return erased;
    for (const vehicle of demo) await store.eraseVehicle(vehicle, null);
    erased += demo.length;
  }
}
