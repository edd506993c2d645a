import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Ports } from '../../ports.ts';
import type { CloudEvent } from '../../telemetry/events.ts';
import { defaultIngestLimits } from '../../telemetry/limits.ts';
import { rulesFrom } from '../../trips/rules.ts';
import { openSqliteStore } from '../sqlite.ts';

export interface TestPorts extends Ports {
  /** Everything that was published, in order. */
  published: CloudEvent[];
  /** Counters by name. */
  counts: Map<string, number>;
  setNow(ms: number): void;
  /** As when the broker is down. */
  refusePublishing(): void;
}

/** Ports on a SQLite store of its own that goes when the test ends. */
export async function testPorts(nowMs: number): Promise<TestPorts> {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-test-'));
  const store = await openSqliteStore({ path: join(folder, 'fleet.sqlite'), paceMs: 0 });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const published: CloudEvent[] = [];
  const counts = new Map<string, number>();
  let now = nowMs;
  let refusing = false;
  return {
    store,
    published,
    counts,
    clock: { now: () => now, after: () => () => {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    metrics: { count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by), gauge() {}, observe() {} },
    auth: { authenticate: () => ({ ok: false, status: 401, code: 'unauthorized', detail: 'no tokens here' }) },
    ingestLimits: defaultIngestLimits,
    fleetCommand: { onFolder: 'npx fleet', onServer: 'npx fleet' },
    rulesFor: rulesFrom({ fleet: {}, vehicles: {} }),
    publish: async (event) => {
      if (!refusing) published.push(event);
      return !refusing;
    },
    setNow: (ms) => {
      now = ms;
    },
    refusePublishing: () => {
      refusing = true;
    },
  };
}

/** A ping as a PingSource sends it. */
export function ping(job: string): CloudEvent {
  return {
    specversion: '1.0',
    id: `ping/${job}`,
    source: '/apis/v1/x',
    type: 'dev.knative.sources.ping',
    data: { job },
  };
}

/** An event that tells of a changed range. */
export function changed(type: string, vehicle: string, fromMs: number, toMs: number): CloudEvent {
  return {
    specversion: '1.0',
    id: `${vehicle}/${fromMs}`,
    source: '/test',
    type,
    subject: vehicle,
    data: { vehicle, fromMs, toMs },
  };
}
