import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file system of its own in memory, for the length of a test; undefined where mounting is not permitted. */
export function mountDisk(megabytes: number): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'fleet-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]);
  onTestFinished(() => {
    if (status === 0) spawnSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return status === 0 ? disk : undefined;
}

/** Mounts it again with other options. Throws when that does not work. */
export function remount(disk: string, options: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${options}`, disk], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount -o remount,${options}: ${stderr}`);
}
