import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { storeFile } from '../../host/data-folder.ts';
import { sleep } from '../program.ts';
import { startFleet } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { sendAll } from './sender.ts';
import type { Request } from './traffic.ts';

/** Between SIGTERM and SIGKILL, ms (Kubernetes: terminationGracePeriodSeconds). */
const graceMs = 30_000;
const rounds = 4;

test(`SIGTERM under load, ${rounds} times: ended in time, nothing lost, and nothing left to be derived again`, async () => {
  const { server, token, ledger, traffic, random } = await startFleet('SIGTERM');
  const queue: Request[] = [];
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    queue.push(...traffic.next());
    let asked = false;
    const sending = sendAll({ server, token, ledger, queue, stopped: () => asked });
    await sleep(random.between(0, 400));
    const askedAt = performance.now();
    asked = true;
    expect(await server.stop(), server.log()).toBe(0);
    tookMs.push(Math.round(performance.now() - askedAt));
    queue.push(...(await sending).unanswered);
    await server.start();
  }
  console.log(`from SIGTERM to the end: ${tookMs.join(', ')} ms`);
  expect(Math.max(...tookMs)).toBeLessThan(graceMs);
  while (queue.length > 0)
    queue.push(...(await sendAll({ server, token, ledger, queue, stopped: () => false })).unanswered);
  console.log(JSON.stringify(await checkInvariants(server, ledger)));
});

test('SIGTERM while the store hangs: ended in time all the same', async () => {
  const { server, token, ledger, traffic, deliver } = await startFleet('SIGTERM, hanging');
  await deliver(traffic.next());
  // It waits for its turn, since the server writes too.
  const other = new DatabaseSync(storeFile(server.dataDir), { timeout: 5_000 });
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const queue = traffic.next();
  let asked = false;
  const sending = sendAll({ server, token, ledger, queue, stopped: () => asked });
  await sleep(200);
  const askedAt = performance.now();
  asked = true;
  await server.stop();
  const tookMs = performance.now() - askedAt;
  console.log(`from SIGTERM to the end, hanging: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(graceMs);
  await sending;
  other.exec('ROLLBACK');
  await server.start();
  await checkInvariants(server, ledger);
});
