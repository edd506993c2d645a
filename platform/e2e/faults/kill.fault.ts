import { expect, test } from 'vitest';
import { jobs } from '../../../functions/lib/telemetry/events.ts';
import type { Random } from '../../simulator/random.ts';
import { ping } from '../client.ts';
import { sleep } from '../program.ts';
import { type Server, startServer } from '../server.ts';
import { checkInvariants, checkRecent } from './invariants.ts';
import { Ledger } from './ledger.ts';
import { killRounds, seeded } from './seed.ts';
import { sendAll } from './sender.ts';
import { type Request, Traffic } from './traffic.ts';

/** The kill comes amid the requests of a round with this chance, else while the server works on their samples. */
const killedAmidRequests = 0.7;
/** From the first request of a round to the kill at most, ms. */
const latestKillMs = 900;
/** Rounds in which the server is killed while it starts, too, and at most so long after it began to, ms. */
const killedStarting = { chance: 0.15, latestMs: 500 };
const jobsInRound = 3;
/** Requests that wait at the beginning of a round at least: what a kill leaves unsent comes first in the next one. */
const leastQueued = 60;
/** Rounds after which everything is recomputed, and not just the last acknowledgements looked at. */
const checkEvery = 20;
/** Back at work so soon after a start, ms, on a busy machine; and the cars began so long ago. */
const backWithinMs = 30_000;
const startAgoMs = 4.5 * 86_400_000;
/** Of the requests without an answer, the share that is never sent again. */
const givenUp = 0.2;

test(`${killRounds} rounds of kill -9 under load lose and double nothing`, {
  timeout: 60_000 + killRounds * 15_000,
}, async () => {
  const random = seeded('kill -9');
  const server = await startServer();
  const token = await server.token(['*']);
  const traffic = new Traffic(random, Date.now() - startAgoMs, killRounds);
  const ledger = new Ledger();
  const queue: Request[] = [];
  let slowestStartMs = 0;

  for (let round = 1; round <= killRounds; round++) {
    if (queue.length < leastQueued) queue.push(...traffic.next());
    const amid = random.chance(killedAmidRequests);
    const killAfter = {
      answers: amid ? random.integer(0, queue.length) : Infinity,
      ms: random.between(0, latestKillMs),
    };
    const times = Array.from(
      { length: jobsInRound },
      () => [random.pick(jobs), random.between(0, latestKillMs)] as const,
    );
    let killed = false;
    const sending = sendAll({ server, token, ledger, queue, stopped: () => killed });
    for (const [job, afterMs] of times)
      void sleep(afterMs)
        .then(() => ping(server, job))
        .catch(() => {});
    const answered = ledger.counts.acknowledged;
    const killAt = performance.now() + killAfter.ms;
    while (ledger.counts.acknowledged - answered < killAfter.answers && performance.now() < killAt) await sleep(1);
    killed = true;
    await server.kill9();
    const { unanswered } = await sending;
    queue.unshift(...unanswered.filter(() => !random.chance(givenUp)));
    slowestStartMs = Math.max(slowestStartMs, await startAgain(server, random));
    await checkRecent(server, ledger);
    if (round % checkEvery === 0 || round === killRounds) {
      if (round === killRounds)
        await sendAll({ server, token, ledger, queue: [...queue, ...traffic.rest()], stopped: () => false });
      const checked = await checkInvariants(server, ledger);
      console.log(`round ${round}: ${JSON.stringify({ ...checked, ...ledger.counts, slowestStartMs })}`);
    }
  }
  expect(ledger.counts.unanswered, 'kills hit requests under way').toBeGreaterThan(killRounds / 4);
});

/** Answers how long the start took that was let be, ms. */
async function startAgain(server: Server, random: Random): Promise<number> {
  if (random.chance(killedStarting.chance)) {
    const starting = server.start().catch(() => {});
    await sleep(random.between(0, killedStarting.latestMs));
    await server.kill9();
    await starting;
  }
  const startedAt = performance.now();
  await server.start();
  const tookMs = Math.round(performance.now() - startedAt);
  expect(tookMs).toBeLessThan(backWithinMs);
  return tookMs;
}
