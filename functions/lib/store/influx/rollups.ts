import { isDeepStrictEqual } from 'node:util';
import { flux } from '@influxdata/influxdb-client';
import { aggregateMinutes, aggregateSamples } from '../../rollups/aggregate.ts';
import { type Rollup, type RollupTier, windowMs } from '../../rollups/rollup.ts';
import { collect, tryAgain } from '../derive.ts';
import type { RollupStore } from '../port.ts';
import { dayMs } from '../retention.ts';
import type { Changes } from './changes.ts';
import type { Client } from './client.ts';
import { fieldOf, type Place, pivoted, pointsOf } from './flux.ts';
import { beginningMs, clampMs } from './instants.ts';
import { measurements, rollupBucket } from './names.ts';
import { rollupLine, rollupReader } from './rollup-points.ts';
import { rawBeginningMs, type SampleReads } from './samples.ts';
import type { Locks } from './slots.ts';
import { inWindows, paged } from './windows.ts';

/** Lines of a request: a row has two hundred fields. */
const maxLines = 500;
const defaultPageSize = 1_000;

export type Rollups = Pick<RollupStore, 'rollUp' | 'readRollups'>;

/**
 * Rollups by our own code from what is read (decisions/0009: cheaper than Flux for few windows, and the writer waits for
 * its 204): only the windows that were asked for are read.
 */
export function createRollups(client: Client, samples: SampleReads, changes: Changes, locks: Locks): Rollups {
  const place = (tier: RollupTier, vehicle: string | undefined, fromMs: number, toMs: number): Place => ({
    bucket: rollupBucket[tier],
    measurement: measurements.rollup,
    vehicle,
    fromMs,
    toMs,
  });

  function rowsIn(tier: RollupTier, vehicle: string | undefined, from: number, to: number): AsyncGenerator<Rollup[]> {
    return inWindows({
      fromMs: clampMs(Math.max(from, beginningMs)),
      toMs: Math.min(clampMs(to), Date.now() + dayMs),
      firstMs: windowMs[tier] * 60,
      mostMs: windowMs[tier] * 3_000,
      read: async (fromMs, toMs) => {
        const rows = await client.query(pivoted(pointsOf(place(tier, vehicle, fromMs, toMs))), rollupReader(tier));
        return rows.sort((a, b) =>
          a.startedAt === b.startedAt ? compare(a.vehicle, b.vehicle) : compare(a.startedAt, b.startedAt),
        );
      },
      nearest: async (fromMs, toMs) => {
        const firsts = await client.query(
          flux`${fieldOf(place(tier, vehicle, fromMs, toMs), 'count')} |> first()`,
          (names) => {
            const at = names.indexOf('_time');
            return (values) => Date.parse(values[at] as string);
          },
        );
        return firsts.length === 0 ? undefined : Math.min(...firsts);
      },
    });
  }

  async function freshRows(tier: RollupTier, vehicle: string, fromMs: number, toMs: number): Promise<Rollup[]> {
    if (tier === '5m') return aggregateMinutes(vehicle, await collect(rowsIn('1m', vehicle, fromMs, toMs)));
    return aggregateSamples(vehicle, await collect(samples.forward(vehicle, fromMs, toMs)));
  }

  async function pass(tier: RollupTier, vehicle: string, fromMs: number, toMs: number) {
    const guard = { vehicle, version: await changes.version(vehicle), of: 'samples', range: { fromMs, toMs } } as const;
    const fresh = await freshRows(tier, vehicle, fromMs, toMs);
    const before = await collect(rowsIn(tier, vehicle, fromMs, toMs));
    const stored = new Map(before.map((row) => [row.startedAt, row]));
    const changed = fresh.filter((row) => !isDeepStrictEqual(row, stored.get(row.startedAt)));
    const lines = changed.map(rollupLine);
    for (let at = 0; at < lines.length; at += maxLines) {
      await client.write(rollupBucket[tier], lines.slice(at, at + maxLines));
    }
    const kept = new Set(fresh.map(({ startedAt }) => startedAt));
    const gone = before.filter(({ startedAt }) => !kept.has(startedAt));
    for (const { startedAt } of gone) {
      const startMs = Date.parse(startedAt);
      await client.remove(rollupBucket[tier], { vehicle, fromMs: startMs, toMs: startMs });
    }
    // What came while this was computed is in the rows of whoever takes its receipt, if that was not overwritten just now.
    if (lines.length > 0 && !(await changes.hold(guard, []))) return null;
    return { rows: fresh.length, changed: changed.length + gone.length };
  }

  return {
    rollUp(tier, vehicle, fromMs, toMs) {
      const lengthMs = windowMs[tier];
      const floorMs = rawBeginningMs();
      const start = Math.max(Math.floor(fromMs / lengthMs), Math.ceil(floorMs / lengthMs)) * lengthMs;
      const end = Math.floor(toMs / lengthMs) * lengthMs + lengthMs - 1;
      if (start > end) return Promise.resolve({ rows: 0, changed: 0 });
      return locks.run(`${vehicle} ${tier}`, () => tryAgain(() => pass(tier, vehicle, start, end)));
    },
    readRollups: (tier, vehicle, fromMs, toMs, pageSize = defaultPageSize) =>
      paged(rowsIn(tier, vehicle, fromMs, toMs), pageSize),
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
