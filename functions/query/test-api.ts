import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator } from '../lib/auth/authenticator.ts';
import { createToken, indexTokens, type Scope, verify } from '../lib/auth/tokens.ts';
import type { HttpAnswer, Ports } from '../lib/ports.ts';
import type { Guard, Store, StoredTrip } from '../lib/store/port.ts';
import { openSqliteStore } from '../lib/store/sqlite.ts';
import type { CloudEvent } from '../lib/telemetry/events.ts';
import { defaultIngestLimits } from '../lib/telemetry/limits.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { defaultRules } from '../lib/trips/rules.ts';
import { tripId } from '../lib/trips/trip.ts';
import { handle } from './handler.ts';

/** For tests: the read API over a store in a temporary folder, called without sockets. */
export interface TestApi {
  store: Store;
  published: CloudEvent[];
  token(scope: Scope, ...vehicles: string[]): string;
  /** Answers status, headers, and the whole body (parsed where it is JSON). */
  call(
    path: string,
    options?: CallOptions,
  ): Promise<{ status: number; headers: Record<string, string>; body: unknown }>;
  text(path: string, options?: CallOptions): Promise<string>;
  guard(vehicle: string): Promise<Guard>;
  close(): Promise<void>;
}

export interface CallOptions {
  method?: string;
  token?: string;
  authorization?: string;
  loopback?: boolean;
  host?: string;
  /** Stands in for a port of the API. */
  store?: Store;
  publish?: Ports['publish'];
}

/** The clock of every test here. */
export const nowMs = Date.UTC(2026, 2, 10, 12);

/** With `auth`, tokens come from there and not from `token()`. */
export async function openTestApi({ auth }: { auth?: Ports['auth'] } = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'query-'));
  const store = await openSqliteStore({ path: join(folder, 'fleet.db') });
  const records = new Map<string, Parameters<typeof indexTokens>[0][number]>();
  const published: CloudEvent[] = [];
  const log = () => {};
  const ports: Ports = {
    store,
    clock: { now: () => nowMs, after: () => () => {} },
    log: { debug: log, info: log, warn: log, error: log },
    metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
    auth:
      auth ??
      createAuthenticator({ find: (presented) => verify(indexTokens([...records.values()]), presented, nowMs) }),
    ingestLimits: defaultIngestLimits,
    fleetCommand: {
      onFolder: 'FLEET_DATA=/elsewhere npx fleet',
      onServer: 'FLEET_DATA=/elsewhere PORT=9100 npx fleet',
    },
    rulesFor: () => defaultRules,
    publish: async (event) => {
      published.push(event);
      return true;
    },
  };

  async function answer(path: string, options: CallOptions): Promise<HttpAnswer> {
    const url = new URL(path, 'http://localhost');
    const authorization = options.authorization ?? (options.token && `Bearer ${options.token}`);
    return handle(
      {
        state: undefined,
        method: options.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: { host: options.host ?? 'localhost:8080', ...(authorization !== undefined && { authorization }) },
        loopback: options.loopback ?? true,
      },
      new Uint8Array(),
      { ...ports, store: options.store ?? store, publish: options.publish ?? ports.publish },
    );
  }

  return {
    store,
    published,
    token(scope, ...vehicles) {
      const { token, record } = createToken({ scopes: [scope], vehicles, nowMs });
      records.set(record.id, record);
      return token;
    },
    async call(path, options = {}) {
      const { status, headers, body } = await answer(path, options);
      const text = await textOf(body);
      return { status, headers, body: headers['content-type']?.includes('json') && text ? JSON.parse(text) : text };
    },
    text: async (path, options = {}) => textOf((await answer(path, options)).body),
    guard: async (vehicle) => ({ vehicle, version: await store.readVersion(vehicle), of: 'samples' }),
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Samples of a drive, one a second, the last `lastAgoS` seconds ago. */
export function drive(count: number, { lastAgoS = 10, device = 'main', speedKmh = 50 } = {}): Sample[] {
  const firstMs = nowMs - lastAgoS * 1_000 - (count - 1) * 1_000;
  return Array.from({ length: count }, (_, i) => ({
    timeMs: firstMs + i * 1_000,
    device,
    speedKmh,
    engineRpm: 1_800 + i,
  }));
}

export function trip(vehicle: string, startMs: number, part: Partial<StoredTrip> = {}): StoredTrip {
  return {
    id: tripId(vehicle, startMs),
    vehicle,
    status: 'ended',
    revision: 1,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + 600_000).toISOString(),
    endedBy: 'stop',
    startPosition: null,
    endPosition: null,
    durationS: 600,
    movingS: 540,
    idleS: 60,
    gapS: 0,
    coverage: 1,
    distanceKm: 7.5,
    distanceMethod: 'obd',
    distances: { odometerKm: null, obdKm: 7.5, gpsKm: null, haversineKm: null },
    avgSpeedKmh: 45,
    movingAvgSpeedKmh: 50,
    maxSpeedKmh: 62,
    extrema: { speedKmh: { min: 0, max: 62 } },
    fuelL: null,
    fuelMethod: null,
    harshAccelerations: 0,
    harshBrakings: 0,
    sampleCount: 600,
    micro: false,
    dueMs: null,
    ...part,
  };
}

async function textOf(body: HttpAnswer['body']): Promise<string> {
  if (typeof body === 'string') return body;
  let text = '';
  for await (const piece of body) text += piece;
  return text;
}
