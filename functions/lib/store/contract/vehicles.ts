import { describe, expect, it } from 'vitest';
import {
  guardOf,
  minuteMs,
  newVehicle,
  noonMs,
  type OpenStore,
  pagesOf,
  readAll,
  receiptsOf,
  receivedMs,
  replaceAlerts,
  sampleAt,
  useStore,
} from './fixtures.ts';
import { tripOf } from './trips.ts';

export function vehicleContract(open: OpenStore): void {
  describe('vehicles', () => {
    const use = useStore(open);

    const append = (vehicle: string, ...samples: ReturnType<typeof sampleAt>[]) =>
      use.store.append([{ vehicle, samples }], receivedMs);

    it('show each field as of the latest sample that has it', async () => {
      const vehicle = newVehicle();
      await append(
        vehicle,
        sampleAt(noonMs + 2, { speedKmh: 3 }, 'phone'),
        sampleAt(noonMs, { coolantC: 80, speedKmh: 1 }),
      );
      await append(vehicle, sampleAt(noonMs + 1, { speedKmh: 2, engineRpm: 900 }));
      const latest = sampleAt(noonMs + 2, { coolantC: 80, engineRpm: 900, speedKmh: 3 }, 'phone');
      expect(await use.store.readVehicle(vehicle)).toEqual({ vehicle, latest });
      expect(await use.store.readVehicle('nobody')).toBeUndefined();
    });

    it('are listed by id, page after page', async () => {
      const cars = Array.from({ length: 7 }, newVehicle);
      for (const [i, vehicle] of cars.toReversed().entries()) await append(vehicle, sampleAt(noonMs + i));
      const seen: string[] = [];
      for (;;) {
        const page = await use.store.listVehicles(3, seen.at(-1));
        expect(page.length).toBeLessThanOrEqual(3);
        seen.push(...page.map(({ vehicle }) => vehicle));
        if (page.length < 3) break;
      }
      expect(seen).toEqual(seen.toSorted());
      expect(seen.filter((vehicle) => cars.includes(vehicle))).toEqual(cars);
      const [first] = await use.store.listVehicles(1, cars[0]);
      expect(first).toEqual({ vehicle: cars[1], latest: sampleAt(noonMs + 5) });
    });

    it('leave nothing behind when erased, and others untouched', async () => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      for (const car of [vehicle, other]) {
        await append(car, sampleAt(noonMs), sampleAt(noonMs + 1, { codesStored: ['P0133'] }));
        for (const tier of ['1m', '5m'] as const) await use.store.rollUp(tier, car, noonMs, noonMs);
        await use.store.writeTrips([tripOf(car, 0, 1)], [], await guardOf(use.store, car));
        const alert = { vehicle: car, timeMs: noonMs, origin: 'codes', kind: 'code-set', detail: 'P0133' } as const;
        await replaceAlerts(use.store, rangeOf(car), [alert], await guardOf(use.store, car));
        const event = { specversion: '1.0', id: 'x', source: car, type: 't', subject: car } as const;
        await use.store.putDeadLetter({ event, destination: '/enrich', code: 422, reason: 'bad' }, noonMs);
      }
      expect(await use.store.eraseVehicle(vehicle)).toBe(2);
      expect(await use.store.eraseVehicle(vehicle)).toBe(0);
      expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      expect(await leftOf(other)).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
    });

    it('that come back after being erased start from nothing', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(noonMs, { coolantC: 80 }));
      await use.store.eraseVehicle(vehicle);
      await append(vehicle, sampleAt(noonMs, { speedKmh: 1 }));
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(noonMs, { speedKmh: 1 })]);
      expect(await receiptsOf(use.store, vehicle)).toHaveLength(1);
    });

    it('are not brought back by a job that comes late', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(noonMs));
      const guard = await guardOf(use.store, vehicle);
      await use.store.eraseVehicle(vehicle);
      await use.store.rollUp('1m', vehicle, noonMs, noonMs);
      await use.store.seal('trips', { vehicle, dayMs: noonMs }, 0);
      expect(await replaceAlerts(use.store, rangeOf(vehicle), [], guard)).toBeNull();
      expect(await use.store.writeTrips([tripOf(vehicle, 0, 1)], [], guard)).toBeNull();
      expect(await use.store.amend({ vehicle, samples: [sampleAt(noonMs)] }, [], guard, receivedMs)).toBeNull();
      expect(await use.store.readVehicle(vehicle)).toBeUndefined();
    });

    it('can be asked for while the store is ready', async () => {
      await expect(use.store.ready()).resolves.toBeUndefined();
    });

    const rangeOf = (vehicle: string) => ({ vehicle, origin: 'codes', fromMs: noonMs, toMs: noonMs }) as const;

    async function leftOf(vehicle: string): Promise<number[]> {
      const { store } = use;
      const range = { fromMs: 0, toMs: noonMs + minuteMs, limit: 10 };
      const rows = (tier: '1m' | '5m') => pagesOf(store.readRollups(tier, vehicle, 0, noonMs + minuteMs));
      const lists = await Promise.all([
        readAll(store, vehicle),
        receiptsOf(store, vehicle),
        rows('1m'),
        rows('5m'),
        store.listTrips({ vehicle, limit: 10, withRetracted: true }),
        store.listAlerts({ vehicle, ...range }),
        store.listDeadLetters({ limit: 100 }).then((all) => all.filter(({ event }) => event.subject === vehicle)),
        store.readVehicle(vehicle).then((state) => (state ? [state] : [])),
      ]);
      return lists.map((list) => list.length);
    }
  });
}
