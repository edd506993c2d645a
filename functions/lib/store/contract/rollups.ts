import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateMinutes, aggregateSamples } from '../../rollups/aggregate.ts';
import { type Aggregate, type Rollup, type RollupTier, windowMs } from '../../rollups/rollup.ts';
import type { Sample } from '../../telemetry/sample.ts';
import {
  anyFields,
  collect,
  minuteMs,
  newVehicle,
  noonMs,
  type OpenStore,
  pagesOf,
  readAll,
  receivedMs,
  sampleAt,
  useStore,
} from './fixtures.ts';

export function rollupContract(open: OpenStore): void {
  describe('rollups', () => {
    const use = useStore(open);

    const append = (vehicle: string, samples: Sample[]) => use.store.append([{ vehicle, samples }], receivedMs);
    const readRows = (tier: RollupTier, vehicle?: string, pageSize?: number) =>
      collect(use.store.readRollups(tier, vehicle, noonMs - minuteMs, noonMs + 60 * minuteMs, pageSize));
    const startsOf = (rows: Rollup[]) => rows.map((row) => (Date.parse(row.startedAt) - noonMs) / minuteMs);

    it('equal what plain aggregation makes of the same samples, in both tiers', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anySample, { minLength: 1, maxLength: 40 }), async (samples) => {
          const vehicle = newVehicle();
          await append(vehicle, samples);
          const merged = await readAll(use.store, vehicle);
          const minutes = aggregateSamples(vehicle, merged);
          const done = await use.store.rollUp('1m', vehicle, noonMs, noonMs + 12 * minuteMs);
          expect(done).toEqual({ rows: minutes.length, changed: minutes.length });
          expectSame(await readRows('1m', vehicle), minutes, merged);
          await use.store.rollUp('5m', vehicle, noonMs, noonMs + 12 * minuteMs);
          expectSame(await readRows('5m', vehicle), aggregateMinutes(vehicle, minutes), merged);
        }),
        { numRuns: 40 },
      );
    });

    it('of a changed part alone end in the same rows as of everything at once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(anySample, { minLength: 1, maxLength: 8 }), { maxLength: 5 }),
          async (batches) => {
            const vehicle = newVehicle();
            for (const samples of batches) {
              await append(vehicle, samples);
              const times = samples.map(({ timeMs }) => timeMs);
              for (const tier of ['1m', '5m'] as const) {
                await use.store.rollUp(tier, vehicle, Math.min(...times), Math.max(...times));
              }
            }
            const merged = await readAll(use.store, vehicle);
            const minutes = aggregateSamples(vehicle, merged);
            expectSame(await readRows('1m', vehicle), minutes, merged);
            expectSame(await readRows('5m', vehicle), aggregateMinutes(vehicle, minutes), merged);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('computed twice change nothing, and count the windows that did change', async () => {
      const vehicle = newVehicle();
      const roll = (tier: RollupTier) => use.store.rollUp(tier, vehicle, noonMs, noonMs + 9 * minuteMs);
      await append(
        vehicle,
        [0, 1, 6].map((minute) => sampleAt(noonMs + minute * minuteMs)),
      );
      expect(await roll('1m')).toEqual({ rows: 3, changed: 3 });
      expect(await roll('1m')).toEqual({ rows: 3, changed: 0 });
      expect(await roll('5m')).toEqual({ rows: 2, changed: 2 });
      await append(vehicle, [sampleAt(noonMs + minuteMs + 1, { speedKmh: 80 })]);
      expect(await roll('1m')).toEqual({ rows: 3, changed: 1 });
      expect(await roll('5m')).toEqual({ rows: 2, changed: 1 });
      expect(await roll('5m')).toEqual({ rows: 2, changed: 0 });
    });

    it('take whole windows, however the range cuts them', async () => {
      const vehicle = newVehicle();
      await append(
        vehicle,
        [0, 59_999, 60_000, 119_999, 120_000].map((step) => sampleAt(noonMs + step)),
      );
      expect(await use.store.rollUp('1m', vehicle, noonMs + 59_000, noonMs + 60_000)).toEqual({ rows: 2, changed: 2 });
      expect((await readRows('1m', vehicle)).map((row) => row.count)).toEqual([2, 2]);
    });

    it('give a tie of last to the greater device name', async () => {
      const vehicle = newVehicle();
      for (const [speedKmh, device] of [1, 2, 3].map((n) => [n, 'acb'.charAt(n - 1)] as const)) {
        await append(vehicle, [sampleAt(noonMs, { speedKmh }, device)]);
      }
      await use.store.rollUp('1m', vehicle, noonMs, noonMs);
      expect((await readRows('1m', vehicle))[0]?.fields.speedKmh?.last).toBe(2);
    });

    it('of windows of which nothing is left are removed', async () => {
      const vehicle = newVehicle();
      await append(
        vehicle,
        [0, 1].map((minute) => sampleAt(noonMs + minute * minuteMs)),
      );
      await use.store.rollUp('1m', vehicle, noonMs, noonMs + minuteMs);
      await use.store.rollUp('5m', vehicle, noonMs, noonMs + minuteMs);
      await use.store.eraseVehicle(vehicle, null);
      await append(vehicle, [sampleAt(noonMs + minuteMs)]);
      await use.store.rollUp('1m', vehicle, noonMs, noonMs + minuteMs);
      expect(startsOf(await readRows('1m', vehicle))).toEqual([1]);
      expect(await use.store.rollUp('1m', vehicle, noonMs - minuteMs, noonMs)).toEqual({ rows: 0, changed: 0 });
    });

    it('of a vehicle that is not known are none', async () => {
      const vehicle = newVehicle();
      expect(await use.store.rollUp('1m', vehicle, noonMs, noonMs)).toEqual({ rows: 0, changed: 0 });
      expect(await use.store.readVehicle(vehicle)).toBeUndefined();
    });

    it('are read in order of start and vehicle, in pages, of one vehicle or all', async () => {
      const cars = [newVehicle(), newVehicle(), newVehicle()];
      for (const vehicle of cars.toReversed()) {
        await append(
          vehicle,
          [2, 0, 1].map((minute) => sampleAt(noonMs + minute * minuteMs)),
        );
        await use.store.rollUp('1m', vehicle, noonMs, noonMs + 2 * minuteMs);
      }
      const [first] = cars as [string, string, string];
      expect(startsOf(await readRows('1m', first, 2))).toEqual([0, 1, 2]);
      const range = (from: number, to: number) => use.store.readRollups('1m', first, noonMs + from, noonMs + to);
      expect(startsOf(await collect(range(1, minuteMs)))).toEqual([1]);
      const mine = (await readRows('1m', undefined, 4)).filter((row) => cars.includes(row.vehicle));
      expect(mine.map((row) => [startsOf([row])[0], cars.indexOf(row.vehicle)])).toEqual(
        [0, 1, 2].flatMap((minute) => cars.map((_, car) => [minute, car])),
      );
      const pages = await pagesOf(use.store.readRollups('1m', first, 0, noonMs + 9 * minuteMs, 2));
      expect(pages.map((page) => page.length)).toEqual([2, 1]);
    });
  });
}

const anySample = fc
  .tuple(fc.nat(12 * 60 - 1), fc.constantFrom('a', 'b'), anyFields)
  .map(([second, device, fields]) => sampleAt(noonMs + second * 1000, fields, device));

/** Everything equal, sums and means within 1e-12 of the sum of magnitudes. */
function expectSame(got: Rollup[], wanted: Rollup[], samples: Sample[]): void {
  expect(got.map(withoutSums)).toEqual(wanted.map(withoutSums));
  for (const [i, row] of wanted.entries()) {
    for (const [name, aggregate] of Object.entries(row.fields)) {
      const inWindow = samples.filter(
        (s) => windowOf(row) <= s.timeMs && s.timeMs < windowOf(row) + windowMs[row.tier],
      );
      const values = inWindow.map((s) => (s[name as keyof Sample] as number | undefined) ?? 0);
      const bound = 1e-12 * values.reduce((total, value) => total + Math.abs(value), 0);
      const other = got[i]?.fields[name] as Aggregate;
      for (const key of ['sum', 'mean'] as const) {
        expect(other[key] === null).toBe(aggregate[key] === null);
        expect(Math.abs((other[key] ?? 0) - (aggregate[key] ?? 0))).toBeLessThanOrEqual(bound);
      }
    }
  }
}

const windowOf = (row: Rollup) => Date.parse(row.startedAt);

function withoutSums({ fields, ...row }: Rollup) {
  return { ...row, fields: Object.entries(fields).map(([name, { sum: _, mean: __, ...rest }]) => [name, rest]) };
}
