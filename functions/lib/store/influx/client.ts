import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { HttpError, InfluxDB, type ParameterizedQuery, RequestTimedOutError } from '@influxdata/influxdb-client';
import { DeleteAPI } from '@influxdata/influxdb-client-apis';
import { StoreUnavailable } from '../port.ts';
import type { BucketName } from './names.ts';
import { createSlots } from './slots.ts';

/** An answer takes milliseconds; whoever waits longer is told to come again, ms. */
export const timeoutMs = 5_000;
/** A read may go through a week of one car. */
const queryTimeoutMs = 30_000;
/** Queries of this process at a time: half of what influxd lets run (facts: always started with a limit). */
const maxQueries = 4;
/** Queries waiting at most; more is answered 503. */
const maxWaiting = 1_000;
/** Troubles are told so far apart, ms: while InfluxDB is down, every request is one. */
const tellAgainMs = 10_000;

export interface ClientOptions {
  url: string;
  org: string;
  token: string;
  /** Told what goes wrong, at most once in a while. */
  onTrouble?: (error: StoreUnavailable) => void;
}

type Kind = 'reading' | 'writing';

/** Reads one row of a table, of which the names of the columns are known. */
export type TableReader<T> = (names: readonly string[]) => (values: readonly string[]) => T | undefined;

/** InfluxDB over its client: every failure is a StoreUnavailable that says what to do about it. */
export interface Client {
  query<T>(query: ParameterizedQuery, read: TableReader<T>): Promise<T[]>;
  /** Resolves when the lines (times in ns) are on disk. Writing them twice is as once. */
  write(bucket: BucketName, lines: readonly string[]): Promise<void>;
  /** Removes what has a tag `vehicle`, or a measurement, in a range of milliseconds, both ends inclusive. */
  remove(bucket: BucketName, what: Removal): Promise<void>;
  close(): void;
}

export interface Removal {
  vehicle?: string;
  measurement?: string;
  fromMs: number;
  toMs: number;
}

/** Some rows were refused for good: what InfluxDB says of the first. The others are written. */
export class PartialWrite extends StoreUnavailable {}

export function createClient({ url, org, token, onTrouble = () => {} }: ClientOptions): Client {
  const agent = new (url.startsWith('https:') ? SecureAgent : Agent)({ keepAlive: true, maxSockets: 2 * maxQueries });
  const base = { url, token, transportOptions: { agent } };
  const influx = new InfluxDB({ ...base, timeout: timeoutMs });
  const queries = new InfluxDB({ ...base, timeout: queryTimeoutMs }).getQueryApi({ org, type: 'flux' });
  const deletes = new DeleteAPI(new InfluxDB({ ...base, timeout: queryTimeoutMs }));
  const slots = createSlots(maxQueries, maxWaiting);
  /** Until then InfluxDB has asked not to be bothered (429, 503 with Retry-After): a full queue of queries stops no write. */
  const blockedUntilMs = { reading: 0, writing: 0 };
  let toldAtMs = -Infinity;
  let closed = false;

  async function call<T>(kind: Kind, what: string, send: () => Promise<T>): Promise<T> {
    if (closed) throw new StoreUnavailable('the store is closed');
    const waitMs = blockedUntilMs[kind] - Date.now();
    if (waitMs > 0) throw new StoreUnavailable('InfluxDB is busy', { retryAfterS: Math.ceil(waitMs / 1000) });
    try {
      return await send().catch((error) => {
        // A connection that was kept may be gone when it is used again; whatever is sent here may be sent twice.
        if (!isConnectionReset(error)) throw error;
        return send();
      });
    } catch (cause) {
      const error = failure(kind, what, cause);
      if (Date.now() - toldAtMs >= tellAgainMs) {
        toldAtMs = Date.now();
        onTrouble(error);
      }
      throw error;
    }
  }

  function failure(kind: Kind, what: string, cause: unknown): StoreUnavailable {
    if (cause instanceof StoreUnavailable) return cause;
    if (!(cause instanceof HttpError)) {
      const reason = cause instanceof RequestTimedOutError ? 'no answer in time' : messageOf(cause);
      return new StoreUnavailable(`${what}: InfluxDB at ${url} cannot be reached: ${reason}`, { cause });
    }
    const { statusCode } = cause;
    if (statusCode === 429 || statusCode === 503) {
      // The client answers the header as it is, in seconds.
      const retryAfterMs = Math.min(Math.max(cause.retryAfter() * 1_000, 1_000), 300_000);
      blockedUntilMs[kind] = Date.now() + retryAfterMs;
      return new StoreUnavailable(`${what}: InfluxDB is busy (${statusCode})`, {
        cause,
        retryAfterS: Math.ceil(retryAfterMs / 1000),
      });
    }
    const text = `${what}: InfluxDB answered ${statusCode}: ${reasonOf(cause)}${hintFor(statusCode)}`;
    return statusCode === 422 ? new PartialWrite(text, { cause }) : new StoreUnavailable(text, { cause });
  }

  return {
    async query(query, read) {
      return slots.run(() =>
        call('reading', 'reading', async () => {
          const rows: ReturnType<ReturnType<typeof read>>[] = [];
          let table: unknown;
          let readRow: ReturnType<typeof read> | undefined;
          for await (const { values, tableMeta } of queries.iterateRows(query)) {
            if (table !== tableMeta || !readRow) {
              table = tableMeta;
              readRow = read(tableMeta.columns.map(({ label }) => label));
            }
            rows.push(readRow(values));
          }
          return rows.filter((row) => row !== undefined);
        }),
      ) as Promise<never>;
    },
    async write(bucket, lines) {
      const path = `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${bucket}&precision=ns`;
      const options = { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' } };
      await call('writing', `writing to ${bucket}`, () => influx.transport.request(path, lines.join('\n'), options));
    },
    async remove(bucket, { vehicle, measurement, fromMs, toMs }) {
      const parts = [vehicle && `vehicle="${vehicle}"`, measurement && `_measurement="${measurement}"`];
      const body = {
        start: new Date(fromMs).toISOString(),
        stop: new Date(toMs + 1).toISOString(),
        predicate: parts.filter(Boolean).join(' AND '),
      };
      await slots.run(() =>
        call('writing', `removing from ${bucket}`, () => deletes.postDelete({ org, bucket, body })),
      );
    },
    close() {
      closed = true;
      agent.destroy();
    },
  };
}

function hintFor(statusCode: number): string {
  if (statusCode === 401 || statusCode === 403) return ' (see INFLUX_TOKEN; `fleet provision influx` makes one)';
  if (statusCode === 404) return ' (see INFLUX_ORG; `fleet provision influx` makes organisation and buckets)';
  return '';
}

function reasonOf({ message, json }: HttpError): string {
  const told: unknown = json?.message;
  return (typeof told === 'string' ? told : message).replaceAll(/\s+/g, ' ').slice(0, 500);
}

function isConnectionReset(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
