import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tripId } from '../../trips/trip.ts';
import type { StoredTrip, TripFilter } from '../port.ts';
import {
  guardOf,
  minuteMs,
  newVehicle,
  noonMs,
  type OpenStore,
  receiptsOf,
  receivedMs,
  sampleAt,
  useStore,
} from './fixtures.ts';

export function tripContract(open: OpenStore): void {
  describe('trips', () => {
    const use = useStore(open);

    const write = async (trips: StoredTrip[], receiptIds: string[], vehicle = trips[0]?.vehicle ?? newVehicle()) =>
      use.store.writeTrips(trips, receiptIds, await guardOf(use.store, vehicle));
    const idsOf = async (filter: Omit<TripFilter, 'limit'>, limit = 100) =>
      (await use.store.listTrips({ limit, ...filter })).map(({ id }) => id);

    it('replace what stood under their ids', async () => {
      const trip = tripOf(newVehicle(), 0, 10);
      const longer = { ...trip, revision: 2, distanceKm: 12.5, endedAt: iso(20) };
      await write([trip], []);
      expect(await use.store.readTrip(trip.id)).toEqual(trip);
      await write([longer], []);
      expect(await use.store.readTrip(trip.id)).toEqual(longer);
      expect(await use.store.listTrips({ vehicle: trip.vehicle, limit: 10 })).toEqual([longer]);
      expect(await use.store.readTrip('nobody:1')).toBeUndefined();
    });

    it('mark receipts as processed in the same commit', async () => {
      const vehicle = newVehicle();
      const { receipt } = await use.store.append([{ vehicle, samples: [sampleAt(noonMs)] }], receivedMs);
      await write([tripOf(vehicle, 0, 1)], [receipt]);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ id: receipt, pending: 0, rollup: 2 }]);
    });

    it('mark receipts where there is no trip', async () => {
      const vehicle = newVehicle();
      const { receipt } = await use.store.append([{ vehicle, samples: [sampleAt(noonMs)] }], receivedMs);
      await write([], [receipt], vehicle);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ pending: 0 }]);
    });

    it('are found where they overlap a range, or start in it', async () => {
      const vehicle = newVehicle();
      const [early, middle, late] = [tripOf(vehicle, 0, 10), tripOf(vehicle, 20, 30), tripOf(vehicle, 40, 50)];
      await write([middle, late, early], []);
      const range = (from: number, to: number) => ({ vehicle, fromMs: at(from), toMs: at(to) });
      expect(await idsOf({ vehicle })).toEqual([late.id, middle.id, early.id]);
      expect(await idsOf(range(10, 20))).toEqual([middle.id, early.id]);
      expect(await idsOf(range(11, 19))).toEqual([]);
      expect(await idsOf(range(25, 26))).toEqual([middle.id]);
      expect(await idsOf({ vehicle, fromMs: at(25) })).toEqual([late.id, middle.id]);
      expect(await idsOf({ vehicle, toMs: at(25) })).toEqual([middle.id, early.id]);
      expect(await idsOf({ ...range(10, 40), startsWithin: true })).toEqual([late.id, middle.id]);
      expect(await idsOf(range(0, 60), 2)).toEqual([late.id, middle.id]);
    });

    it('are listed without the retracted ones unless these are asked for', async () => {
      const vehicle = newVehicle();
      const [kept, gone] = [tripOf(vehicle, 0, 1), { ...tripOf(vehicle, 5, 6), status: 'retracted' as const }];
      await write([kept, gone], []);
      expect(await idsOf({ vehicle })).toEqual([kept.id]);
      expect(await idsOf({ vehicle, withRetracted: true })).toEqual([gone.id, kept.id]);
      expect(await use.store.readTrip(gone.id)).toEqual(gone);
    });

    it('are found as the newest of each of several vehicles, whose ids are no patterns', async () => {
      const [one, other, replaced, gone, idle] = Array.from({ length: 5 }, newVehicle) as [string, ...string[]];
      const dotted = `${one.slice(0, 3)}.${one.slice(4)}`;
      await write([tripOf(one, 0, 10), tripOf(one, 40, 50), tripOf(one, 20, 30)], []);
      await write([tripOf(other as string, 0, 10)], []);
      await write([tripOf(dotted, 5, 6)], []);
      const retracted = { status: 'retracted' as const };
      await write([tripOf(replaced as string, 0, 10), { ...tripOf(replaced as string, 1, 10), ...retracted }], []);
      await write([{ ...tripOf(gone as string, 0, 10), ...retracted }], []);
      const found = async (...names: unknown[]) =>
        (await use.store.newestTrips(names as string[])).map(({ id }) => id).toSorted();
      const newest = [tripOf(one, 40, 50), tripOf(other as string, 0, 10), tripOf(replaced as string, 0, 10)];
      expect(await found(one, other, replaced, gone, idle)).toEqual(newest.map(({ id }) => id));
      expect(await found(dotted)).toEqual([tripOf(dotted, 5, 6).id]);
      expect(await use.store.newestTrips([other as string])).toEqual([tripOf(other as string, 0, 10)]);
      expect(await found()).toEqual([]);
    });

    it('are paged by cursor without a gap or a repeat, also where several start at once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(5), { maxLength: 12 }),
          fc.integer({ min: 1, max: 5 }),
          async (starts, limit) => {
            const stage = newVehicle();
            const trips = starts.map((start, i) => ({ ...tripOf(stage, start, start + 1), id: `${stage}-${i}` }));
            await write(trips, []);
            const seen: StoredTrip[] = [];
            for (;;) {
              const last = seen.at(-1);
              const cursor = last && { startMs: Date.parse(last.startedAt), id: last.id };
              const page = await use.store.listTrips({ vehicle: stage, limit, ...(cursor && { cursor }) });
              seen.push(...page);
              if (page.length < limit) break;
            }
            expect(seen.map(({ id }) => id).toSorted()).toEqual(trips.map(({ id }) => id).toSorted());
            const times = seen.map(({ startedAt }) => startedAt);
            expect(times).toEqual(times.toSorted().reverse());
          },
        ),
        { numRuns: 25 },
      );
    });

    it('are due once the clock reaches their instant, earliest first', async () => {
      const vehicle = newVehicle();
      const due = [30, 10, 20].map((minute, i) => ({
        ...tripOf(vehicle, i, i + 1),
        status: 'paused' as const,
        dueMs: at(minute),
      }));
      await write([...due, tripOf(vehicle, 9, 10)], []);
      const minutesDue = async (now: number, limit = 10) =>
        (await use.store.listDueTrips(at(now), limit)).map(({ dueMs }) => ((dueMs as number) - noonMs) / minuteMs);
      expect(await minutesDue(9)).toEqual([]);
      expect(await minutesDue(20)).toEqual([10, 20]);
      expect(await minutesDue(60, 2)).toEqual([10, 20]);
      await write(
        due.map((trip) => ({ ...trip, status: 'ended' as const, dueMs: null })),
        [],
      );
      expect(await minutesDue(60)).toEqual([]);
    });
  });
}

const at = (minute: number) => noonMs + minute * minuteMs;
const iso = (minute: number) => new Date(at(minute)).toISOString();

/** A trip between two minutes after noon. */
export function tripOf(vehicle: string, fromMinute: number, toMinute: number): StoredTrip {
  return {
    id: tripId(vehicle, at(fromMinute)),
    vehicle,
    status: 'ended',
    revision: 1,
    startedAt: iso(fromMinute),
    endedAt: iso(toMinute),
    endedBy: 'stop',
    startPosition: { latitude: 47.4, longitude: 8.5 },
    endPosition: null,
    durationS: (toMinute - fromMinute) * 60,
    movingS: 50.5,
    idleS: 0,
    gapS: 0,
    coverage: 1,
    distanceKm: 1.25,
    distanceMethod: 'obd',
    distances: { odometerKm: null, obdKm: 1.25, gpsKm: null, haversineKm: 1.2 },
    avgSpeedKmh: 30,
    movingAvgSpeedKmh: 40,
    maxSpeedKmh: 52,
    extrema: { engineRpm: { min: 700, max: 3_000.5 } },
    fuelL: null,
    fuelMethod: null,
    harshAccelerations: 0,
    harshBrakings: 1,
    sampleCount: 60,
    micro: false,
    dueMs: null,
  };
}
