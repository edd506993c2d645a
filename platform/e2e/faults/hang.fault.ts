import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { storeFile } from '../../host/data-folder.ts';
import { expectReadable, expectUnavailable, startFleet, sweepNow } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { attachTracer, canTrace } from './tracer.ts';

const needsTracer = 'needs strace, and the right to trace';
/** SQLite waits 2 s for a lock, a commit that hangs is given up after 8 s; and the machine is busy, ms. */
const answeredMs = 12_000;
const refusedAtOnceMs = 1_000;
const syncs = 'fsync,fdatasync';

test('another process that holds the lock on the file: 503 in bounded time, reading goes on, then all is well', async () => {
  const fleet = await startFleet('locked');
  const { server, ledger, traffic, deliver } = fleet;
  await deliver(traffic.next());
  // It waits for its turn, since the server writes too.
  const other = new DatabaseSync(storeFile(server.dataDir), { timeout: 5_000 });
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const delivered = deliver(traffic.next());
  const [tookMs] = await Promise.all([expectUnavailable(fleet, answeredMs), expectReadable(fleet)]);
  console.log(`locked: refused within ${tookMs} ms`);
  other.exec('ROLLBACK');
  await delivered;
  await sweepNow(server);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('a disk that hangs: 503 in bounded time, at once from then on, and all is well when it answers', async ({
  skip,
}) => {
  if (!canTrace) return skip(needsTracer);
  const fleet = await startFleet('hanging disk');
  const { server, ledger, traffic, deliver } = fleet;
  await deliver(traffic.next());
  const calls = join(server.dataDir, 'calls');
  const hang = ['-e', `trace=${syncs}`, '-e', `inject=${syncs}:delay_enter=14000000`];
  const tracer = await attachTracer(server.pid, calls, hang);
  const delivered = deliver(traffic.next());
  const [tookMs] = await Promise.all([expectUnavailable(fleet, answeredMs), expectReadable(fleet)]);
  const againMs = await expectUnavailable(fleet, refusedAtOnceMs);
  await expectReadable(fleet);
  console.log(`hanging disk: refused within ${tookMs} ms, then within ${againMs} ms`);
  await tracer.detach();
  await delivered;
  await sweepNow(server);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('a slow disk only makes answers slow', async ({ skip }) => {
  if (!canTrace) return skip(needsTracer);
  const { server, ledger, traffic, deliver } = await startFleet('slow disk');
  const slow = ['-e', `trace=${syncs}`, '-e', `inject=${syncs}:delay_enter=150000`];
  const tracer = await attachTracer(server.pid, join(server.dataDir, 'calls'), slow);
  const requests = traffic.next();
  await deliver(requests);
  expect(tracer.calls().length).toBeGreaterThan(3);
  await tracer.detach();
  await sweepNow(server);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('a failed fsync ends the process, and is never tried again', async ({ skip }) => {
  if (!canTrace) return skip(needsTracer);
  const { server, token, ledger, traffic, deliver } = await startFleet('failed fsync');
  await deliver(traffic.next());
  const calls = join(server.dataDir, 'calls');
  const tracer = await attachTracer(server.pid, calls, ['-e', `trace=${syncs}`, '-e', `inject=${syncs}:error=EIO`]);
  const answer = await fetch(`${server.url}/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ vehicle: 'probe', time: new Date().toISOString(), speedKmh: 1 }),
  }).catch(() => undefined);
  expect([undefined, 503]).toContain(answer?.status);
  // Not even to close the file, which would sync it.
  expect(await server.ended()).toMatchObject({ signal: 'SIGKILL' });
  expect(server.log()).toContain('must end: disk I/O error');
  await tracer.detach();
  expect(tracer.calls().filter((line) => line.includes('EIO'))).toHaveLength(1);
  await server.start();
  await checkInvariants(server, ledger);
});
