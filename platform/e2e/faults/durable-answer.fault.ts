import { join } from 'node:path';
import { expect, test } from 'vitest';
import { post } from '../client.ts';
import { eventOf } from '../events.ts';
import { startServer } from '../server.ts';
import { attachTracer, canTrace } from './tracer.ts';

const requests = 25;
const calls = 'trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync';

/** A kill cannot show a missing fsync: the system keeps what a dead process wrote. So its calls are watched. */
test('between the arrival of samples and their 202, the log is synced to disk', async ({ skip }) => {
  if (!canTrace) return skip('needs strace, and the right to trace');
  const server = await startServer({ env: { FLEET_BROKER: 'off' } });
  const token = await server.token(['car-1']);
  const sendOne = (i: number) =>
    post(server, token, [eventOf('car-1', { time: new Date(Date.now() - i).toISOString(), speedKmh: 1 })]);
  await sendOne(0);
  const tracer = await attachTracer(server.pid, join(server.dataDir, 'calls'), ['-e', calls]);
  for (let i = 1; i <= requests; i++) expect((await sendOne(i)).status).toBe(202);
  await tracer.detach();
  const answers = answersOf(tracer.calls());
  console.log(
    `${answers.length} answers, ${answers.filter(Boolean).length} of them after an fsync that began after the request`,
  );
  expect(answers).toEqual(new Array(requests).fill(true));
});

/** Of each 202, whether a sync of the log began after its request was read, and ended before the answer was written. */
function answersOf(lines: readonly string[]): boolean[] {
  const answers: boolean[] = [];
  /** Threads whose sync is under way, and whether it began after the request. */
  const underWay = new Set<string>();
  let synced = false;
  for (const line of lines) {
    const thread = line.split(' ', 1)[0] as string;
    if (line.includes('"POST /ingest')) {
      synced = false;
      underWay.clear();
    } else if (/f(?:data)?sync\(\d+<[^>]*fleet\.sqlite-wal>/.test(line)) {
      if (line.includes('unfinished')) underWay.add(thread);
      else synced ||= / = 0$/.test(line);
    } else if (/f(?:data)?sync resumed>/.test(line)) {
      synced ||= underWay.delete(thread) && / = 0$/.test(line);
    } else if (line.includes('"HTTP/1.1 202')) answers.push(synced);
  }
  return answers;
}
