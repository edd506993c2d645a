import { existsSync } from 'node:fs';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import type { Log } from '../../functions/lib/ports.ts';
import { systemClock } from '../host/clock.ts';
import type { Config } from '../host/config.ts';
import { type Demo, runDemo } from '../simulator/demo.ts';
import { createDemoToken, demoLabel } from '../simulator/demo-token.ts';
import { demoCars } from '../simulator/fleet.ts';
import type { Local } from './local.ts';

/**
 * Demo cars on a data folder that was empty, or that has them already; they report over HTTP as any client does.
 * `fleet demo clear` takes their token away, and with it the demo.
 */
export async function createDemo(config: Config, local: Local, log: Log): Promise<Demo | undefined> {
  const tokens = openTokenFile(config.tokensFile, systemClock);
  const earlier = tokens.list().filter(({ label }) => label === demoLabel);
  if (!config.demo || !((await isFresh(config, local)) || earlier.length > 0)) return undefined;
  const cars = demoCars();
  const vehicles = cars.map(({ vehicle }) => vehicle);
  const { token, record } = createDemoToken(vehicles, systemClock.now());
  // Secrets are not kept, so each start has a token of its own.
  await tokens.add(record);
  for (const { id } of earlier) await tokens.revoke(id);
  return runDemo({
    url: `http://127.0.0.1:${local.port}`,
    token,
    cars,
    clock: systemClock,
    log,
    signal: new AbortController().signal,
    fetch,
    random: Math.random,
  });
}

/** Nobody has made a token yet, and nothing has reported: `demo clear` leaves an empty tokens.json behind. */
async function isFresh({ tokensFile }: Config, { world }: Local): Promise<boolean> {
  return !existsSync(tokensFile) && (await world.store.listVehicles(1)).length === 0;
}
