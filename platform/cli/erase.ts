import type { Command } from 'commander';
import { isKnown } from '../../functions/lib/store/erasure.ts';
import { openTokens, withAdminToken } from './admin.ts';
import { send, textOf } from './api.ts';
import { CliError } from './exit.ts';
import { instant } from './format.ts';
import { byServerOrStore, isHere } from './offline-store.ts';
import { addExamples, addServerOptions, repeated, type ServerOptions } from './options.ts';
import { baseUrl } from './settings.ts';
import type { World } from './world.ts';

interface EraseOptions extends ServerOptions {
  vehicle: string[];
  yes?: boolean;
  tombstone: boolean;
}

/** What erasing answers, as `DELETE /api/vehicles/{id}` does. */
interface Erasure {
  samples: number;
  refusedUntil: string | null;
}

/** `fleet erase`: by the server, or on its data folder when it is down. */
export function addEraseCommand(program: Command, world: World): void {
  addExamples(
    addServerOptions(
      program
        .command('erase')
        .description('erase a vehicle and all it left, for good; what it sends of before is refused from then on'),
    )
      .requiredOption('--vehicle <id>', 'vehicle to erase; may be repeated', repeated)
      .option('--yes', 'do not ask')
      .option('--no-tombstone', 'let samples of before come again, and forget an earlier erasure: for made-up data')
      .action((options: EraseOptions) => erase(world, options)),
    'fleet erase --vehicle car-1',
    'fleet erase --vehicle car-1 --vehicle car-2 --yes',
  );
}

async function erase(world: World, options: EraseOptions): Promise<void> {
  const vehicles = [...new Set(options.vehicle)];
  const bad = vehicles.find((name) => !/^[A-Za-z0-9._:-]{1,64}$/.test(name));
  if (bad !== undefined) throw new CliError('usage', `--vehicle ${bad}: must match [A-Za-z0-9._:-]{1,64}`);
  if (!options.yes) await demandConsent(world, vehicles);
  for (const vehicle of vehicles) {
    const erasure = await eraseOne(world, vehicle, options);
    if (erasure === undefined) throw new CliError('data', `there is no vehicle ${vehicle}`);
    const { samples, refusedUntil } = erasure;
    const refused = refusedUntil === null ? '' : `; what it sends of up to ${instant(refusedUntil)} is refused`;
    world.err(`${vehicle} erased: ${samples} samples and all that was derived from them${refused}\n`);
  }
  if (isHere(world, options)) sayTokens(world, vehicles);
}

/** Throws CliError where nobody says yes. */
async function demandConsent(world: World, vehicles: readonly string[]): Promise<void> {
  const answer = await world.ask(`Erase ${vehicles.join(', ')} and everything of them? There is no way back. [y/N] `);
  if (answer === undefined) throw new CliError('usage', 'there is no terminal to ask on: give --yes to erase');
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('usage', 'nothing was erased');
}

/** Answers undefined where there never was such a vehicle. */
function eraseOne(world: World, vehicle: string, options: EraseOptions): Promise<Erasure | undefined> {
  const path = `/api/vehicles/${encodeURIComponent(vehicle)}`;
  const query = { tombstone: String(options.tombstone) };
  return byServerOrStore<Erasure | undefined>(world, options, {
    byServer: () =>
      withAdminToken(world, options, async (token) =>
        JSON.parse(textOf(await send(world, baseUrl(options.url, world), { method: 'DELETE', path, query, token }))),
      ),
    async onStore(store) {
      if (!(await isKnown(store, vehicle))) return undefined;
      const { samples, untilMs } = await store.eraseVehicle(vehicle, options.tombstone ? world.now() : null);
      return { samples, refusedUntil: untilMs === null ? null : new Date(untilMs).toISOString() };
    },
    absent: undefined,
  });
}

/** With these it may begin anew. */
function sayTokens(world: World, vehicles: readonly string[]): void {
  for (const { id, vehicles: bound, label } of openTokens(world).list()) {
    const named = vehicles.filter((vehicle) => bound.includes(vehicle));
    if (named.length === 0) continue;
    world.err(`the token ${id}${label ? ` (${label})` : ''} may still send for ${named.join(', ')}:`);
    world.err(` fleet token revoke ${id}\n`);
  }
}
