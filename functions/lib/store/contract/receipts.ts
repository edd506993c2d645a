import { describe, expect, it } from 'vitest';
import type { VehicleSamples } from '../../telemetry/sample.ts';
import {
  dayLengthMs,
  guardOf,
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

export function receiptContract(open: OpenStore): void {
  describe('receipts', () => {
    const use = useStore(open);

    const append = (vehicle: string, times: number[], now = receivedMs) =>
      use.store.append([{ vehicle, samples: times.map((timeMs) => sampleAt(timeMs)) }], now);
    const amend = async (group: VehicleSamples, receiptIds: string[], now = receivedMs) =>
      use.store.amend(group, receiptIds, await guardOf(use.store, group.vehicle), now);

    it('stand for the samples of one vehicle and UTC day', async () => {
      const [one, other] = [newVehicle(), newVehicle()];
      const samples = [noonMs + 5, noonMs, yesterdayMs - 1].map((timeMs) => sampleAt(timeMs));
      const { receipt } = await use.store.append(
        [
          { vehicle: one, samples },
          { vehicle: other, samples: [sampleAt(noonMs)] },
        ],
        receivedMs,
      );
      const fresh = { receivedMs, pending: 2, rollup: 2, attempts: 0 };
      const receipts = await receiptsOf(use.store, one);
      expect(receipts.toSorted((a, b) => a.fromMs - b.fromMs)).toMatchObject([
        { ...fresh, vehicle: one, fromMs: yesterdayMs - 1, toMs: yesterdayMs - 1, count: 1 },
        { ...fresh, vehicle: one, fromMs: noonMs, toMs: noonMs + 5, count: 2 },
      ]);
      expect(receipts.map(({ id }) => id)).toContain(receipt);
      expect(await receiptsOf(use.store, other)).toMatchObject([{ fromMs: noonMs, toMs: noonMs, count: 1 }]);
    });

    it('tell when the latest of them came, whatever the clock said before', async () => {
      const vehicle = newVehicle();
      for (const step of [5, 9, 7]) await append(vehicle, [noonMs + step], receivedMs + step);
      expect(await use.store.latestReceiptMs()).toBe(receivedMs + 7);
    });

    it('are filtered by stage and vehicle, oldest first', async () => {
      const vehicle = newVehicle();
      for (const [i, step] of [3, 1, 2].entries()) await append(vehicle, [noonMs + step], receivedMs + i);
      const ids = (await receiptsOf(use.store, vehicle)).map(({ id }) => id);
      const [first, second, third] = ids as [string, string, string];
      await use.store.markReceipts([second], { pending: 1 });
      await use.store.markReceipts([third], { pending: 0, rollup: 1 });
      const list = async (filter: Omit<Parameters<typeof use.store.listReceipts>[0], 'limit'>, limit = 10) =>
        (await use.store.listReceipts({ vehicle, limit, ...filter })).map(({ id }) => ids.indexOf(id));
      expect(await list({})).toEqual([0, 1, 2]);
      expect(await list({ pending: [2] })).toEqual([0]);
      expect(await list({ pending: [1, 2] })).toEqual([0, 1]);
      expect(await list({ pending: [0, 1] })).toEqual([1, 2]);
      expect(await list({ pending: [1, 0], rollup: [2] })).toEqual([1]);
      expect(await list({ rollup: [1] })).toEqual([2]);
      expect(await list({}, 2)).toEqual([0, 1]);
      expect(await list({ touching: { fromMs: noonMs + 2, toMs: noonMs + 3 } })).toEqual([0, 2]);
      expect(await list({ touching: { fromMs: noonMs + 1, toMs: noonMs + 1 }, pending: [1] })).toEqual([1]);
      expect(await list({ vehicle: 'nobody' })).toEqual([]);
      const anyVehicle = await use.store.listReceipts({ pending: [2], limit: 1_000 });
      expect(anyVehicle.map(({ id }) => id)).toContain(first);
      expect(anyVehicle.map(({ id }) => id)).not.toContain(second);
    });

    it('are marked one stage at a time, and twice is as once', async () => {
      const vehicle = newVehicle();
      const { receipt } = await append(vehicle, [noonMs]);
      for (const marks of [{ pending: 1, attempts: 3 }, { pending: 1, attempts: 3 }, { rollup: 1 }] as const) {
        await use.store.markReceipts([receipt], marks);
      }
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ id: receipt, pending: 1, rollup: 1, attempts: 3 }]);
    });

    it('are marked as enriched together with the amended fields', async () => {
      const vehicle = newVehicle();
      const { receipt } = await append(vehicle, [noonMs]);
      const amended = { vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] };
      expect(await amend(amended, [receipt], receivedMs + 1)).toEqual([]);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ id: receipt, pending: 1, rollup: 2, receivedMs }]);
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(noonMs, { speedKmh: 50, ignitionOn: true })]);
    });

    it('are made by amending without any, as enriched', async () => {
      const vehicle = newVehicle();
      await amend({ vehicle, samples: [sampleAt(noonMs), sampleAt(noonMs + 1)] }, []);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([
        { pending: 1, rollup: 2, fromMs: noonMs, toMs: noonMs + 1, count: 2, receivedMs },
      ]);
    });

    it('are marked by amending with no samples', async () => {
      const vehicle = newVehicle();
      const { receipt } = await append(vehicle, [noonMs]);
      await amend({ vehicle, samples: [] }, [receipt]);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ pending: 1 }]);
    });

    it('are counted by what is pending, with the oldest', async () => {
      const before = await use.store.countReceipts();
      const { receipt } = await append(newVehicle(), [noonMs], 5);
      await append(newVehicle(), [noonMs + 1]);
      expect(await use.store.countReceipts()).toEqual({
        pending: before.pending + 2,
        rollup: before.rollup + 2,
        oldestPendingMs: 5,
        oldestRollupMs: 5,
      });
      await use.store.markReceipts([receipt], { pending: 0, rollup: 1 });
      expect(await use.store.countReceipts()).toMatchObject({
        pending: before.pending + 1,
        rollup: before.rollup + 2,
        oldestPendingMs: receivedMs,
        oldestRollupMs: 5,
      });
      await use.store.markReceipts([receipt], { rollup: 0 });
      expect(await use.store.countReceipts()).toMatchObject({ rollup: before.rollup + 1, oldestRollupMs: receivedMs });
    });

    it('tell which vehicle-days are not sealed yet, each kind by itself', async () => {
      const vehicle = newVehicle();
      const days = [yesterdayMs - 2 * dayLengthMs, yesterdayMs - dayLengthMs, yesterdayMs];
      await append(
        vehicle,
        days.map((dayMs) => dayMs + 1),
      );
      await append(vehicle, [yesterdayMs + 2]);
      const unsealed = async (kind: 'trips' | 'rollups', beforeDayMs = yesterdayMs + dayLengthMs) =>
        (await use.store.listUnsealed(kind, beforeDayMs, 1_000)).filter((day) => day.vehicle === vehicle);
      const all = days.map((dayMs) => ({ vehicle, dayMs }));
      // What is still pending would be taken for a difference.
      expect(await unsealed('trips')).toEqual([]);
      const ids = (await receiptsOf(use.store, vehicle)).map(({ id }) => id);
      await use.store.markReceipts(ids, { pending: 0 });
      expect(await unsealed('trips')).toEqual(all);
      expect(await unsealed('trips', yesterdayMs)).toEqual(all.slice(0, 2));
      await use.store.seal('trips', { vehicle, dayMs: days[1] as number }, 2);
      await use.store.seal('trips', { vehicle, dayMs: days[1] as number }, 0);
      expect(await unsealed('trips')).toEqual([all[0], all[2]]);
      expect(await unsealed('rollups')).toEqual(all);
      expect(await use.store.listUnsealed('rollups', yesterdayMs + dayLengthMs, 1)).toHaveLength(1);
    });
  });
}
