import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError } from './exit.ts';
import { addExamples } from './options.ts';
import { dataFolder, demandFileStore, tokensPath } from './settings.ts';
import type { World } from './world.ts';

/** Files that a backup holds beside the store, where they are: without the tokens every device would need a new one. */
export function keptFiles(world: World): [name: string, path: string][] {
  const settings = world.env.FLEET_CONFIG ? resolve(world.env.FLEET_CONFIG) : join(dataFolder(world), 'config.yaml');
  return [
    ['tokens.json', tokensPath(world)],
    ['config.yaml', settings],
  ];
}

/** `fleet backup`: works beside a running server, in this process. */
export function addBackupCommand(program: Command, world: World): void {
  addExamples(
    program
      .command('backup')
      .description('copy the data folder into one file, with the server up or down')
      .argument('<file>', 'file to write; must not be there yet')
      .action((file: string) => makeBackup(world, file)),
    'fleet backup fleet-$(date +%F).backup',
  );
}

async function makeBackup(world: World, file: string): Promise<void> {
  demandFileStore(world, 'influx backup copies it');
  const folder = dataFolder(world);
  const target = resolve(file);
  const { storeFile } = await import('../host/data-folder.ts');
  const { backUp } = await import('../../functions/lib/store/sqlite/backup.ts');
  if (!existsSync(storeFile(folder))) throw new CliError('noInput', `there is no store in ${folder} (FLEET_DATA)`);
  if (existsSync(target)) throw new CliError('usage', `${file} is there already: name another file`);
  if (!existsSync(dirname(target))) throw new CliError('usage', `there is no folder ${dirname(target)}`);
  const files = Object.fromEntries(
    keptFiles(world).flatMap(([name, path]) => (existsSync(path) ? [[name, readFileSync(path, 'utf8')]] : [])),
  );
  const madeAt = new Date(world.now()).toISOString();
  const { rows } = await backUp(storeFile(folder), target, { madeAt, files });
  const beside = Object.keys(files).join(', ');
  world.err(`${file}: ${summary(rows)}${beside && `, with ${beside}`}; read again and found whole\n`);
}

/** What a backup holds, in a few words. */
export function summary(rows: Record<string, number>): string {
  return `${rows.sample ?? 0} samples of ${rows.vehicle ?? 0} vehicles, ${rows.trip ?? 0} trips`;
}
