import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the load process is told to do, over IPC. */
export interface LoadOrder {
  port: number;
  token: string;
  forMs: number;
  samplesPerRequest: number;
  /** Open loop: so many requests a second, whatever the answers. Without it each connection sends when it has its answer. */
  requestsPerS?: number;
  /** Connections, which are all open before the first request. */
  connections: number;
}

export interface LoadResult {
  elapsedMs: number;
  offered: number;
  accepted: number;
  /** By status and problem code. */
  refused: Record<string, number>;
  refusedWithoutRetryAfter: number;
  /** Broken connections, and requests without an answer in the end. */
  unanswered: number;
  /** Due while all connections were taken. */
  unsent: number;
  acceptedP50Ms: number;
  acceptedP99Ms: number;
  slowestMs: number;
}

/** New connections under way at a time: the load is what is tested, not the system's queue for connections. */
const openedAtOnce = 100;
/** What still comes is waited for so long at the end, ms. */
const graceMs = 10_000;
const vehicles = 200;

process.on('disconnect', () => process.exit(0));
process.on('message', (order: LoadOrder) => void run(order).then((result) => process.send?.(result)));

/** Numbers of requests, so that no two carry the same sample. */
let next = 0;

async function run(order: LoadOrder): Promise<LoadResult> {
  const { forMs, requestsPerS, connections: most } = order;
  const accepted: number[] = [];
  const result = {
    offered: 0,
    unsent: 0,
    unanswered: 0,
    refusedWithoutRetryAfter: 0,
    refused: {} as Record<string, number>,
  };
  let slowestMs = 0;
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  for (let i = 0; i < most; i++) {
    idle.push(open());
    if (i % openedAtOnce === 0) await idle.at(-1)?.opened;
  }
  await Promise.all(idle.map(({ opened }) => opened));
  const startedAt = performance.now();
  const running = () => performance.now() - startedAt < forMs;

  function onAnswer(connection: Connection, head: string, body: string, tookMs: number): void {
    const status = head.slice(9, 12);
    const kind = `${status} ${/problem:([a-z-]+)/.exec(body)?.[1]}`;
    slowestMs = Math.max(slowestMs, tookMs);
    if (status === '202') accepted.push(tookMs);
    else {
      result.refused[kind] = (result.refused[kind] ?? 0) + 1;
      if (!/^retry-after: *\d/im.test(head)) result.refusedWithoutRetryAfter++;
    }
    if (requestsPerS === undefined && running()) send(connection);
    else idle.push(connection);
  }
  function onClose(connection: Connection, wasBusy: boolean): void {
    all.delete(connection);
    if (wasBusy) result.unanswered++;
  }
  function takeIdle(): Connection | undefined {
    for (let one = idle.shift(); one; one = idle.shift()) if (!one.closed) return one;
    return all.size < most ? open() : undefined;
  }
  function open(): Connection {
    const connection = new Connection(order.port, onAnswer, onClose);
    all.add(connection);
    return connection;
  }
  function send(connection: Connection): void {
    result.offered++;
    connection.send(requestOf(order, next++));
  }

  if (requestsPerS === undefined) for (const connection of idle.splice(0)) send(connection);
  while (running()) {
    const due = requestsPerS === undefined ? 0 : ((performance.now() - startedAt) * requestsPerS) / 1_000;
    while (result.offered + result.unsent < due) {
      const connection = takeIdle();
      if (connection) send(connection);
      else result.unsent++;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const elapsedMs = performance.now() - startedAt;
  const inTime = accepted.length;
  const giveUpAt = performance.now() + graceMs;
  while ([...all].some(({ busy }) => busy) && performance.now() < giveUpAt)
    await new Promise((resolve) => setTimeout(resolve, 5));
  for (const connection of all) connection.close();
  const sorted = accepted.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  // What was accepted after the end is not counted as work of the time before it.
  return {
    ...result,
    elapsedMs,
    accepted: inTime,
    acceptedP50Ms: quantile(0.5),
    acceptedP99Ms: quantile(0.99),
    slowestMs,
  };
}

/** One request at a time over one keep-alive connection. */
class Connection {
  busy = false;
  readonly opened: Promise<unknown>;
  #sentAt = 0;
  #pending = '';
  readonly #socket: Socket;

  constructor(
    port: number,
    onAnswer: (connection: Connection, head: string, body: string, tookMs: number) => void,
    onClose: (connection: Connection, wasBusy: boolean) => void,
  ) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.opened = once(this.#socket, 'connect');
    this.#socket.on('data', (chunk: unknown) => {
      // The server ends connections on which nothing has come for a while, and says so.
      if (!this.busy) return this.close();
      this.#pending += String(chunk);
      const headEnd = this.#pending.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = this.#pending.slice(0, headEnd);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
      if (this.#pending.length < headEnd + 4 + length) return;
      const body = this.#pending.slice(headEnd + 4);
      this.#pending = '';
      this.busy = false;
      onAnswer(this, head, body, performance.now() - this.#sentAt);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      onClose(this, this.busy);
      this.busy = false;
    });
  }

  send(request: string): void {
    this.busy = true;
    this.#sentAt = performance.now();
    this.#socket.write(request, 'latin1');
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  close(): void {
    this.busy = false;
    this.#socket.destroy();
  }
}

const baseMs = Date.now() - 4 * 86_400_000;

function requestOf({ port, token, samplesPerRequest }: LoadOrder, number: number): string {
  const vehicle = `car-${number % vehicles}`;
  const events: string[] = [];
  for (let i = 0; i < samplesPerRequest; i++) {
    const second = Math.floor(number / vehicles) * samplesPerRequest + i;
    const time = new Date(baseMs + second * 1_000).toISOString();
    events.push(
      `{"specversion":"1.0","id":"${number}-${i}","source":"/edge/${vehicle}","type":"fleet.telemetry.reported","subject":"${vehicle}","data":{"time":"${time}","speedKmh":${second % 120}.5,"latitude":48.1${second % 1_000},"longitude":11.5,"engineRpm":${1_500 + (second % 900)}}}`,
    );
  }
  const type = samplesPerRequest === 1 ? 'application/cloudevents+json' : 'application/cloudevents-batch+json';
  const body = samplesPerRequest === 1 ? (events[0] as string) : `[${events.join(',')}]`;
  return `POST /ingest HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
