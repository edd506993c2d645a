import { existsSync } from 'node:fs';
import { chmod, constants, copyFile, link, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Erasure } from '../../functions/lib/store/port.ts';
import { keptFiles, summary } from './backup.ts';
import { CliError } from './exit.ts';
import { addExamples } from './options.ts';
import { dataFolder, demandFileStore } from './settings.ts';
import type { World } from './world.ts';

/** `fleet restore`: refuses a folder that a server has, and one that is not empty unless it is told to. */
export function addRestoreCommand(program: Command, world: World): void {
  addExamples(
    program
      .command('restore')
      .description('make the data folder what a backup holds; the server must be stopped')
      .argument('<file>', 'what fleet backup wrote')
      .option('--force', 'put the store that is there aside; its tokens and settings stay')
      .action((file: string, options: { force?: boolean }) => restore(world, file, options)),
    'fleet restore fleet-2026-03-10.backup',
  );
}

async function restore(world: World, file: string, { force }: { force?: boolean }): Promise<void> {
  demandFileStore(world, 'influx restore fills it');
  const folder = dataFolder(world);
  const source = resolve(file);
  const { storeFile, takeDataFolder } = await import('../host/data-folder.ts');
  const { checkBackup, dropNote, publish } = await import('../../functions/lib/store/sqlite/backup.ts');
  if (!existsSync(source)) throw new CliError('noInput', `there is no file ${file}`);
  const store = storeFile(folder);
  const { release } = takeDataFolder(folder);
  const temporary = `${store}.restored`;
  try {
    // Of one that was killed: SQLite would take its log for that of the copy.
    await removeWhole(temporary);
    const kept = keptFiles(world);
    const there = [store, ...kept.map(([, path]) => path)].filter((path) => existsSync(path));
    if (there.length > 0 && !force) {
      throw new CliError('usage', `${folder} is not empty: name another FLEET_DATA, or --force to put its store aside`);
    }
    const { rows, files, madeAt } = checkBackup(source);
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    // Whoever may read the backup need not read the store.
    await chmod(temporary, 0o600);
    dropNote(temporary);
    const erased = existsSync(store) ? await eraseAgain(temporary, await erasuresIn(store, world)) : [];
    const aside = await putAside(store, world.now());
    await publish(temporary, store);
    for (const [name, path] of kept) {
      const content = files[name];
      if (content !== undefined && !existsSync(path)) await writeFile(path, content, { mode: 0o600, flush: true });
    }
    world.err(`${folder}: ${summary(rows)}, as of ${madeAt}\n`);
    if (erased.length > 0) world.err(`erased again: ${erased.join(', ')}\n`);
    if (aside !== undefined)
      world.err(`what was there is ${aside}, with all it holds: delete it when it is not needed\n`);
  } finally {
    await removeWhole(temporary);
    release();
  }
}

/** Tombstones of the store that is replaced; none where it cannot be read, which may be why it is replaced. */
async function erasuresIn(store: string, world: World): Promise<Erasure[]> {
  const { openSqliteStore } = await import('../../functions/lib/store/sqlite.ts');
  try {
    const old = await openSqliteStore({ path: store });
    try {
      return await old.listErasures();
    } finally {
      await old.close();
    }
  } catch (error) {
    world.err(`the store that is there cannot be read (${(error as Error).message}): whatever was erased after the\n`);
    world.err('backup was made must be erased again by hand\n');
    return [];
  }
}

/** What a backup of before an erasure holds of the vehicle is erased once more. */
async function eraseAgain(path: string, erasures: readonly Erasure[]): Promise<string[]> {
  const { openSqliteStore } = await import('../../functions/lib/store/sqlite.ts');
  const restored = await openSqliteStore({ path });
  try {
    const known = new Map((await restored.listErasures()).map(({ vehicle, untilMs }) => [vehicle, untilMs]));
    const missing = erasures.filter(({ vehicle, untilMs }) => (known.get(vehicle) ?? -Infinity) < untilMs);
    for (const { vehicle, untilMs } of missing) await restored.eraseVehicle(vehicle, untilMs);
    return missing.map(({ vehicle }) => vehicle);
  } finally {
    await restored.close();
  }
}

/**
 * The store under another name, its log with it; a log alone, too, or SQLite would take it for that of what comes. The
 * store keeps its name as well until the other has it: who is killed here, and begins anew, still finds its tombstones.
 *
 * @returns the other name; undefined where there was nothing
 */
export async function putAside(store: string, nowMs: number): Promise<string | undefined> {
  const aside = `${store}.replaced-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  const there = suffixes.filter((suffix) => existsSync(store + suffix));
  for (const suffix of there) {
    const move = () => rename(store + suffix, aside + suffix);
    // Some file systems have no links.
    await (suffix === '' ? link(store, aside).catch(move) : move());
  }
  return there.length > 0 ? aside : undefined;
}

/** What belongs to a file of SQLite, that itself last. */
const suffixes = ['-wal', '-shm', '-journal', ''] as const;

async function removeWhole(path: string): Promise<void> {
  for (const suffix of suffixes) await rm(path + suffix, { force: true });
}
