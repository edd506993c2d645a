import { backfill } from '../local/backfill.ts';
import { progressLog } from './progress-log.ts';
import { dataFolder } from './settings.ts';
import type { World } from './world.ts';

/** Fills the data folder with the demo cars' last days. Throws ConfigError where it is in use. */
export async function backfillDemo(world: World, days: number): Promise<void> {
  world.err(`back-filling ${days} days into ${dataFolder(world)} …\n`);
  const samples = await backfill({
    days,
    env: { ...world.env, FLEET_DATA: dataFolder(world) },
    // What the runtime says about itself in a month of minutes would hide what went wrong in it.
    log: { ...progressLog(world), info: () => {} },
    onDay: (day, soFar) => world.err(`day ${day} of ${days}: ${soFar} samples\n`),
  });
  world.err(`${samples} samples sent\n`);
}
