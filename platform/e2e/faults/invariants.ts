import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Rollup, RollupTier } from '../../../functions/lib/rollups/rollup.ts';
import { enrichment } from '../../../functions/lib/telemetry/enrichment.ts';
import { defaultDevice, type ReportedSample, type Sample } from '../../../functions/lib/telemetry/sample.ts';
import { defaultRules } from '../../../functions/lib/trips/rules.ts';
import { storeFile } from '../../host/data-folder.ts';
import { get, samples, status } from '../client.ts';
import { derivedBy, expectSame, oracle } from '../oracle.ts';
import type { Server } from '../server.ts';
import { rolledUp, settled } from '../settled.ts';
import { type Entry, keyOf, type Ledger } from './ledger.ts';

/** Bounds of I5: memory of the whole server, and what a sample with everything derived from it may take on disk. */
const mostRssBytes = 300e6;
const mostBytesPerSample = 1_500;
const mostBytesAtRest = 100e6;

/** Nothing is left to be derived so long after the last answer, ms: I5, on a machine that others use, too. */
const settledMs = 90_000;

export interface Checked {
  settledAfterMs: number;
  samples: number;
  /** Stored without having been acknowledged, which is allowed. */
  unacknowledged: number;
  trips: number;
  rollups: number;
  rssMb: number;
  diskMb: number;
}

/**
 * Holds the server to I1–I5 by what its clients know: the ledger, and plain recomputation from it. Nothing but rollups is
 * asked for: what got stuck must get going by itself.
 */
export async function checkInvariants(server: Server, ledger: Ledger, deadLetters = 0): Promise<Checked> {
  const askedAt = performance.now();
  await settled(server, settledMs);
  const settledAfterMs = Math.round(performance.now() - askedAt);
  await rolledUp(server);
  const checked: Checked = { settledAfterMs, samples: 0, unacknowledged: 0, trips: 0, rollups: 0, rssMb: 0, diskMb: 0 };
  for (const [vehicle, entry] of ledger.vehicles) {
    const stored = await checkStored(server, vehicle, entry);
    const expected = oracle(vehicle, stored);
    const plain = stored.map(enriched);
    const actual = await derivedBy(server, vehicle);
    expectSame(actual, {
      trips: expected.trips,
      oneMinute: plainRollups(vehicle, plain, '1m'),
      fiveMinutes: plainRollups(vehicle, plain, '5m'),
    });
    checked.samples += stored.length;
    checked.unacknowledged += stored.length - entry.acknowledged.size;
    checked.trips += actual.trips.length;
    checked.rollups += actual.oneMinute.length + actual.fiveMinutes.length;
  }
  // I4: what was received is stored or was refused (the ledger threw for any other answer); nothing is set aside.
  expect(await status(server)).toMatchObject({ receipts: { pending: 0, rollup: 0 }, deadLetters });
  checked.rssMb = Math.round((await rssBytes(server)) / 1e6);
  expect(checked.rssMb * 1e6).toBeLessThan(mostRssBytes);
  const diskBytes = bytesOnDisk(server);
  checked.diskMb = Math.round(diskBytes / 1e6);
  expect(diskBytes).toBeLessThan(mostBytesAtRest + mostBytesPerSample * checked.samples);
  return checked;
}

/** I1: each acknowledged sample is stored, once, as it was sent; and nothing that nobody sent. Answers what is stored. */
async function checkStored(server: Server, vehicle: string, { sent, acknowledged }: Entry): Promise<ReportedSample[]> {
  const answered = await samples(server, vehicle);
  const stored = new Map(answered.map((sample) => [keyOf(sample), sample]));
  expect(answered.length, `${vehicle}: stored twice`).toBe(stored.size);
  const lost = [...acknowledged].filter((key) => !stored.has(key));
  expect(lost, `${vehicle}: acknowledged and lost`).toEqual([]);
  const invented = [...stored.keys()].filter((key) => !sent.has(key));
  expect(invented, `${vehicle}: stored though nobody sent it`).toEqual([]);
  return [...stored].map(([key, sample]) => {
    const reported = sent.get(key) as ReportedSample;
    expect(sample).toMatchObject(reported);
    return reported;
  });
}

/** Those acknowledged of late are there: cheap enough for every round. */
export async function checkRecent(server: Server, ledger: Ledger): Promise<void> {
  for (const [vehicle, recent] of ledger.takeRecent()) {
    for (const { fromMs, toMs, keys } of nearby(recent)) {
      const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
      const path = `/api/vehicles/${vehicle}/samples?${range}&limit=10000`;
      const page = await get<{ samples: { time: string; device: string }[]; next: string | null }>(server, path);
      expect(page.next).toBeNull();
      const stored = new Set(page.samples.map(keyOf));
      expect(
        [...keys].filter((key) => !stored.has(key)),
        `${vehicle}: acknowledged and lost`,
      ).toEqual([]);
      expect(page.samples, `${vehicle}: stored twice`).toHaveLength(stored.size);
    }
  }
}

/** Samples by stretches of time without a gap of an hour. */
function nearby(recent: readonly ReportedSample[]) {
  const stretches: { fromMs: number; toMs: number; keys: Set<string> }[] = [];
  for (const sample of recent.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const timeMs = Date.parse(sample.time);
    const last = stretches.at(-1);
    if (last && timeMs - last.toMs < 3_600_000) {
      last.toMs = timeMs;
      last.keys.add(keyOf(sample));
    } else stretches.push({ fromMs: timeMs, toMs: timeMs, keys: new Set([keyOf(sample)]) });
  }
  return stretches;
}

function enriched({ time, device = defaultDevice, ...fields }: ReportedSample): Sample {
  const sample: Sample = { timeMs: Date.parse(time), device, ...fields };
  return { ...sample, ...enrichment(sample, defaultRules.fuel) };
}

const lengthMs: Record<RollupTier, number> = { '1m': 60_000, '5m': 300_000 };
/** No arithmetic means of these (DESIGN §6). */
const withoutMean = new Set(['latitude', 'longitude', 'headingDeg']);

/** Rollup rows the plainest way: group, sort, look. Both tiers from raw, so that nothing of the product's is in it. */
export function plainRollups(vehicle: string, all: readonly Sample[], tier: RollupTier): Rollup[] {
  const startOf = ({ timeMs }: Sample) => Math.floor(timeMs / lengthMs[tier]) * lengthMs[tier];
  const windows = [...Map.groupBy(all, startOf)].sort(([a], [b]) => a - b);
  return windows.map(([startMs, unsorted]) => {
    const inOrder = unsorted.toSorted((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1));
    const values = new Map<string, number[]>();
    for (const { timeMs: _, ...fields } of inOrder) {
      for (const [name, value] of Object.entries(fields)) {
        if (typeof value === 'number') values.set(name, [...(values.get(name) ?? []), value]);
      }
    }
    const fields = [...values].map(([name, list]) => {
      const sum = withoutMean.has(name) ? null : list.reduce((total, value) => total + value, 0);
      const mean = sum === null ? null : sum / list.length;
      const [min, max] = [Math.min(...list), Math.max(...list)];
      return [name, { count: list.length, sum, mean, min, max, last: list.at(-1) as number }] as const;
    });
    const startedAt = new Date(startMs).toISOString();
    return { vehicle, tier, startedAt, count: inOrder.length, fields: Object.fromEntries(fields) };
  });
}

/** Resident memory of the server, all threads included. */
export async function rssBytes(server: Server): Promise<number> {
  const text = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) * 1_024;
}

function bytesOnDisk(server: Server): number {
  const file = storeFile(server.dataDir);
  return [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
