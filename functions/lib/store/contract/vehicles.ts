import { describe, expect, it } from 'vitest';
import { newVehicle, noonMs, type OpenStore, receivedMs, sampleAt, useStore } from './fixtures.ts';

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
      expect(await use.store.readVehicle(vehicle)).toEqual({ vehicle, latest, position: null });
      expect(await use.store.readVehicle('nobody')).toBeUndefined();
    });

    it('are where the latest sample says that has both coordinates and is not 0/0', async () => {
      const vehicle = newVehicle();
      await append(
        vehicle,
        sampleAt(noonMs, { latitude: 48, longitude: 11 }),
        sampleAt(noonMs + 1, { latitude: 48.5, longitude: 11.5 }),
        sampleAt(noonMs + 2, { latitude: 0, longitude: 0, flags: ['position-zero'] }),
        sampleAt(noonMs + 3, { speedKmh: 3, latitude: 49 }),
      );
      const position = { latitude: 48.5, longitude: 11.5, timeMs: noonMs + 1 };
      expect(await use.store.readVehicle(vehicle)).toMatchObject({ latest: { latitude: 49, longitude: 0 }, position });
      const listed = (await use.store.listVehicles(1_000)).find((state) => state.vehicle === vehicle);
      expect(listed).toEqual(await use.store.readVehicle(vehicle));
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
      expect(first).toEqual({ vehicle: cars[1], latest: sampleAt(noonMs + 5), position: null });
    });

    it('can be asked for while the store is ready', async () => {
      await expect(use.store.ready()).resolves.toBeUndefined();
    });
  });
}
