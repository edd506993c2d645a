import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from '../program.ts';
import { expectReadable, expectUnavailable, startFleet, sweepNow } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { mountDisk, remount } from './mounts.ts';

const needsMount = 'mounting a file system is not permitted here';
/** An answer takes this long at most, ms. */
const soonMs = 2_000;

test('a full disk: 503 with Retry-After, reading goes on, and all is well when there is room again', async ({
  skip,
}) => {
  const disk = mountDisk(48);
  if (!disk) return skip(needsMount);
  const fleet = await startFleet('full disk', { parent: disk });
  const { server, ledger, traffic, deliver } = fleet;
  await deliver(traffic.next());

  const ballast = join(disk, 'ballast');
  expect(() => writeFileSync(ballast, new Uint8Array(64 * 1_048_576))).toThrow(/ENOSPC/);
  const requests = Array.from({ length: 6 }, () => traffic.next()).flat();
  const delivered = deliver(requests);
  await expect.poll(() => ledger.counts.busy, { timeout: 15_000 }).toBeGreaterThan(0);
  const tookMs = await expectUnavailable(fleet, soonMs);
  await expectReadable(fleet);
  console.log(`full disk: refused within ${tookMs} ms`);

  rmSync(ballast);
  await delivered;
  await sweepNow(server);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('a read-only disk stops the start with one line', async ({ skip }) => {
  const disk = mountDisk(48);
  if (!disk) return skip(needsMount);
  const { server, ledger, traffic, deliver } = await startFleet('read-only disk', { parent: disk });
  await deliver(traffic.next());
  expect(await server.stop()).toBe(0);
  remount(disk, 'ro');
  const program = startProgram(['platform/local/main.ts'], server.env);
  expect((await program.ended).code).toBe(78);
  expect(program.stderr().trim().split('\n')).toHaveLength(1);
  expect(program.stderr()).toContain(server.dataDir);
  remount(disk, 'rw');
  await server.start();
  await checkInvariants(server, ledger);
});
