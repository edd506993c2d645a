import { describe, expect, it } from 'vitest';
import {
  collect,
  dayLengthMs,
  minuteMs,
  newVehicle,
  noonMs,
  type OpenStore,
  readAll,
  receiptsOf,
  receivedMs,
  sampleAt,
  useStore,
  yesterdayMs,
} from './fixtures.ts';

export function expiryContract(open: OpenStore): void {
  describe('expiry', () => {
    const use = useStore(open);

    const todayMs = yesterdayMs + dayLengthMs;
    const append = async (vehicle: string, ...times: number[]) =>
      (await use.store.append([{ vehicle, samples: times.map((timeMs) => sampleAt(timeMs)) }], receivedMs)).receipt;
    const expire = (rawFloorMs: number, oneMinuteFloorMs = 0) => use.store.expire({ rawFloorMs, oneMinuteFloorMs });
    const sealBoth = async (vehicle: string, dayMs: number) => {
      await use.store.seal('trips', { vehicle, dayMs }, 0);
      await use.store.seal('rollups', { vehicle, dayMs }, 0);
    };
    const minutesOf = async (vehicle: string) =>
      (await collect(use.store.readRollups('1m', vehicle, 0, todayMs))).map(
        (r) => (Date.parse(r.startedAt) - noonMs) / minuteMs,
      );

    it('drops raw samples with their receipts once processed, rolled up and sealed both ways, not before', async () => {
      const vehicle = newVehicle();
      const receipt = await append(vehicle, noonMs, noonMs + 1);
      const steps = [
        () => use.store.markReceipts([receipt], { pending: 1, rollup: 1 }),
        () => use.store.markReceipts([receipt], { pending: 0 }),
        () => use.store.markReceipts([receipt], { rollup: 0 }),
        () => use.store.seal('trips', { vehicle, dayMs: yesterdayMs }, 0),
        () => use.store.seal('rollups', { vehicle, dayMs: yesterdayMs }, 0),
      ];
      for (const step of steps) {
        expect(await expire(todayMs)).toEqual({ samples: 0, oneMinuteRows: 0 });
        expect(await readAll(use.store, vehicle)).toHaveLength(2);
        await step();
      }
      expect(await expire(yesterdayMs)).toMatchObject({ samples: 0 });
      expect(await expire(todayMs)).toMatchObject({ samples: 2 });
      expect(await readAll(use.store, vehicle)).toEqual([]);
      expect(await receiptsOf(use.store, vehicle)).toEqual([]);
      expect(await use.store.readVehicle(vehicle)).toEqual({ vehicle, latest: null, position: null });
      const floorMs = await use.store.rawFloorMs(vehicle);
      expect(floorMs).toBeGreaterThan(yesterdayMs);
      expect(floorMs).toBeLessThanOrEqual(todayMs);
    });

    it('drops whole UTC days only', async () => {
      const vehicle = newVehicle();
      await append(vehicle, yesterdayMs - 1, yesterdayMs, noonMs);
      const ids = (await receiptsOf(use.store, vehicle)).map(({ id }) => id);
      await use.store.markReceipts(ids, { pending: 0, rollup: 0 });
      for (const dayMs of [yesterdayMs - dayLengthMs, yesterdayMs]) await sealBoth(vehicle, dayMs);
      expect(await use.store.rawFloorMs(vehicle)).toBeLessThan(yesterdayMs);
      expect(await expire(noonMs + 1)).toMatchObject({ samples: 1 });
      expect(await use.store.rawFloorMs(vehicle)).toBe(yesterdayMs);
      expect((await readAll(use.store, vehicle)).map(({ timeMs }) => timeMs)).toEqual([yesterdayMs, noonMs]);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ fromMs: yesterdayMs, toMs: noonMs }]);
    });

    it('keeps a day that got a late sample after it was processed', async () => {
      const vehicle = newVehicle();
      await use.store.markReceipts([await append(vehicle, noonMs)], { pending: 0, rollup: 0 });
      await sealBoth(vehicle, yesterdayMs);
      await append(vehicle, noonMs + 1);
      await expire(todayMs);
      expect(await readAll(use.store, vehicle)).toHaveLength(2);
    });

    it('drops more than one statement does at a time', async () => {
      const vehicle = newVehicle();
      const times = Array.from({ length: 12_345 }, (_, i) => yesterdayMs + i * 1_000);
      await use.store.markReceipts([await append(vehicle, ...times)], { pending: 0, rollup: 0 });
      await sealBoth(vehicle, yesterdayMs);
      expect(await expire(todayMs)).toMatchObject({ samples: times.length });
      expect(await readAll(use.store, vehicle)).toEqual([]);
    });

    it('drops 1-minute rows that are in the 5-minute tier, and never 5-minute rows', async () => {
      const vehicle = newVehicle();
      const receipt = await append(vehicle, noonMs, noonMs + 6 * minuteMs, noonMs + 12 * minuteMs);
      await use.store.rollUp('1m', vehicle, noonMs, noonMs + 12 * minuteMs);
      await use.store.rollUp('5m', vehicle, noonMs, noonMs + 6 * minuteMs);
      await use.store.markReceipts([receipt], { rollup: 0 });
      const fiveMinutes = await collect(use.store.readRollups('5m', vehicle, 0, todayMs));
      expect(await expire(0, noonMs)).toEqual({ samples: 0, oneMinuteRows: 0 });
      expect(await expire(0, noonMs + 7 * minuteMs)).toEqual({ samples: 0, oneMinuteRows: 1 });
      expect(await minutesOf(vehicle)).toEqual([6, 12]);
      expect(await expire(0, todayMs)).toEqual({ samples: 0, oneMinuteRows: 1 });
      expect(await minutesOf(vehicle)).toEqual([12]);
      expect(await collect(use.store.readRollups('5m', vehicle, 0, todayMs))).toEqual(fiveMinutes);
    });

    it('keeps 1-minute rows of a day that is still to be rolled up', async () => {
      const vehicle = newVehicle();
      const receipt = await append(vehicle, noonMs);
      for (const tier of ['1m', '5m'] as const) await use.store.rollUp(tier, vehicle, noonMs, noonMs);
      expect(await expire(0, todayMs)).toMatchObject({ oneMinuteRows: 0 });
      await use.store.markReceipts([receipt], { rollup: 0 });
      expect(await expire(0, todayMs)).toMatchObject({ oneMinuteRows: 1 });
    });
  });
}
