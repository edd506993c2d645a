import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { tokensPath } from '../settings.ts';
import type { World } from '../world.ts';
import { check, type Finding, megabytes } from './finding.ts';

/** Under this the next day of a few cars may not fit, and a backup or an upgrade will not, bytes. */
const leastFreeBytes = 1e9;

/** The data folder itself: whether it is there, can be written, is nobody else's, and has room. */
export async function checkFolder(folder: string, world: World): Promise<Finding[]> {
  const { ok, problem } = check('data folder');
  const found = await stat(folder).catch(() => undefined);
  if (!found) return [check('data folder').hint(`${folder} is not there yet`, 'npm start makes it')];
  if (!found.isDirectory()) return [problem(`${folder} is no folder`, 'name another one in FLEET_DATA')];
  const writable = await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  const { bavail, bsize } = await statfs(folder);
  return [
    writable
      ? ok(folder)
      : problem(`${folder} cannot be written`, 'give it to the user that runs the server, or name another FLEET_DATA'),
    ...(await checkPermissions(folder, world)),
    checkDisk(folder, bavail * bsize),
  ];
}

export function checkDisk(folder: string, freeBytes: number): Finding {
  const { ok, problem } = check('disk');
  if (freeBytes >= leastFreeBytes) return ok(`${megabytes(freeBytes)} free`);
  return problem(
    `${megabytes(freeBytes)} free where ${folder} is: soon samples are answered 503`,
    'make room; old backups and stores put aside by restore are the first to go',
  );
}

async function checkPermissions(folder: string, world: World): Promise<Finding[]> {
  const { problem } = check('permissions');
  // Windows has none of these.
  if (process.platform === 'win32') return [];
  const path = tokensPath(world);
  const { storeFile } = await import('../../host/data-folder.ts');
  const store = storeFile(folder);
  const [folderMode, tokensMode, storeMode] = await Promise.all([folder, path, store].map(modeOf));
  return [
    ...(folderMode !== undefined && folderMode & 0o022
      ? [problem(`${folder} can be written by others`, `chmod go-w ${folder}`)]
      : []),
    // A mounted Secret belongs to root, and is read by way of the group.
    ...(tokensMode !== undefined && tokensMode & (world.env.FLEET_TOKENS ? 0o027 : 0o077)
      ? [problem(`${path} is open to others`, `chmod 600 ${path}`)]
      : []),
    // Made by an older version, or copied here; its log takes the mode of the file.
    ...(storeMode !== undefined && storeMode & 0o077 && (folderMode ?? 0) & 0o011
      ? [problem(`${store} is open to others`, `chmod 600 ${store}*`)]
      : []),
  ];
}

async function modeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mode;
}
