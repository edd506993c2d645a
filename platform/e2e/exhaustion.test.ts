import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { ago, eventOf } from './events.ts';
import { eventually, sleep } from './program.ts';
import { exchange, type RawAnswer } from './raw-http.ts';
import { type Server, startServer } from './server.ts';

const stalled = 1_000;
/** A quiet machine answers in milliseconds; one that is busy with other tests gets this, ms. */
const answerMs = 5_000;

test('a thousand sockets that stall keep nobody out, and are answered 408', { timeout: 90_000 }, async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const head = `POST /ingest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const beginnings = [
    'POST /ingest HTTP/1.1\r\nHost: x\r\nX-Slow: ',
    `${head}Content-Length: 1000\r\n\r\n{"time":`,
    `${head}Transfer-Encoding: chunked\r\n\r\n100\r\n{"time":`,
    '',
  ];
  const answers: string[] = [];
  const startedMs = Date.now();
  const sockets = await Promise.all(
    Array.from({ length: stalled }, (_, i) => stall(server, beginnings[i % beginnings.length] ?? '', answers, i)),
  );
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  // Some go on, a byte at a time: it is the whole request that has a time, not the pause.
  const dripping = sockets.slice(0, 100).filter((_, i) => beginnings[i % beginnings.length] !== '');
  const drip = setInterval(() => {
    for (const socket of dripping) if (!socket.destroyed) socket.write('1');
  }, 500);
  onTestFinished(() => clearInterval(drip));

  const slowest: number[] = [];
  for (let i = 0; i < 50; i++) {
    const from = performance.now();
    expect((await report(server, token, i)).status).toBe(202);
    slowest.push(performance.now() - from);
    await sleep(20);
  }
  expect(Math.max(...slowest)).toBeLessThan(answerMs);
  expect(sockets.filter(({ destroyed }) => !destroyed).length).toBe(stalled);

  await eventually('the stalled sockets are closed', async () => sockets.every(({ closed }) => closed) || undefined, {
    withinMs: 40_000,
    explain: () => `${sockets.filter(({ closed }) => !closed).length} are open`,
  });
  const tookMs = Date.now() - startedMs;
  const timedOut = answers.filter((text) => text.startsWith('HTTP/1.1 408 ') && text.includes('problem:timeout'));
  // Who has sent nothing at all has asked nothing, and is answered too: Node knows no difference.
  expect(timedOut.length).toBeGreaterThanOrEqual((stalled * 3) / 4);
  console.log(
    `${stalled} stalled sockets: others answered in ${Math.max(...slowest).toFixed(0)} ms at most, all closed after ${tookMs} ms`,
  );
  expect((await report(server, token, 99)).status).toBe(202);
});

test('bodies of nobody that never end leave room for others', async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const head = 'POST /ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n';
  const answers: string[] = [];
  // More than the 64 MiB that there is room for.
  const sockets = await Promise.all(
    Array.from({ length: 80 }, (_, i) => stall(server, head + ' '.repeat(1_000_000), answers, i)),
  );
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await eventually(
    'they are sent',
    async () => sockets.every(({ writableLength }) => writableLength === 0) || undefined,
  );
  // A machine that is busy with something else may refuse one, and takes it when it comes again.
  for (let i = 0; i < 5; i++) {
    const taken = async () => (await report(server, token, i)).status === 202 || undefined;
    await eventually('a report is taken', taken, { withinMs: 5_000 });
  }
  expect(answers.filter(Boolean)).toEqual([]);
  for (const socket of sockets) socket.write(' '.repeat(48_576));
  await eventually('they are answered', async () => answers.filter(Boolean).length === sockets.length || undefined);
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test('bodies that nobody reads are not held', async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const head = 'GET /api/vehicles HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n';
  const atRestMb = peakMb(server);
  const sockets = await Promise.all(
    Array.from({ length: 500 }, (_, i) => stall(server, head + ' '.repeat(1_000_000), [], i)),
  );
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await eventually(
    'they are sent',
    async () =>
      sockets.every(({ bytesWritten, writableLength }) => bytesWritten > 0 && writableLength === 0) || undefined,
  );
  expect((await report(server, token, 0)).status).toBe(202);
  // 500 MB came; dead buffers pile up to some 140 MB before V8 collects them.
  expect(peakMb(server) - atRestMb).toBeLessThan(250);
});

test('bombs of 1 GB in 1 MB leave memory as it was', async () => {
  const server = await startServer();
  const token = await server.token(['car-1']);
  const bomb = Buffer.concat(new Array(16).fill(gzipSync(Buffer.alloc(67_108_864, ' '), { level: 9 })));
  expect(bomb.length).toBeLessThan(1_048_576);
  const throwBombs = (count: number) => Promise.all(Array.from({ length: count }, () => send(server, token, bomb)));
  expect((await report(server, token, 0)).status).toBe(202);
  const atRestMb = peakMb(server);
  for (const { status } of await throwBombs(16)) expect(status).toBe(413);
  const afterSomeMb = peakMb(server);
  for (let round = 0; round < 4; round++) for (const { status } of await throwBombs(16)) expect(status).toBe(413);
  const afterAllMb = peakMb(server);
  console.log(`80 bombs at 16 a time: ${atRestMb} MB before, ${afterSomeMb} MB after 16, ${afterAllMb} MB after all`);
  // 80 GB would have come out. One inflates at a time; V8 lets some 64 MB of dead buffers pile up before it collects them.
  expect(afterAllMb - atRestMb).toBeLessThan(160);
  expect((await report(server, token, 1)).status).toBe(202);
});

function stall(server: Server, beginning: string, answers: string[], at: number): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(beginning);
      resolve(socket);
    });
    socket.setEncoding('latin1').on('data', (text) => {
      answers[at] = (answers[at] ?? '') + text;
    });
    socket.on('error', reject);
  });
}

function report(server: Server, token: string, i: number): Promise<Response> {
  return fetch(`${server.url}/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json', connection: 'close' },
    body: JSON.stringify(eventOf('car-1', { time: ago(600 - i), speedKmh: 50 })),
  });
}

function send(server: Server, token: string, body: Buffer): Promise<RawAnswer> {
  const lines = [
    'POST /ingest HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    `Content-Length: ${body.length}`,
  ];
  return exchange(server.url, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
}

/** The most resident memory that the process ever had (proc(5), VmHWM), MB. */
function peakMb({ pid }: Server): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_000);
}
