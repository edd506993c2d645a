import { describe, expect, it } from 'vitest';
import type { Alert } from '../port.ts';
import {
  guardOf,
  newVehicle,
  noonMs,
  type OpenStore,
  readAll,
  receiptsOf,
  receivedMs,
  replaceAlerts,
  sampleAt,
  useStore,
} from './fixtures.ts';
import { tripOf } from './trips.ts';

export function guardContract(open: OpenStore): void {
  describe('guards', () => {
    const use = useStore(open);

    const append = (vehicle: string, timeMs: number) =>
      use.store.append([{ vehicle, samples: [sampleAt(timeMs)] }], receivedMs);

    it('hold until samples of the vehicle are written, be it by appending or amending', async () => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      const versions = [await use.store.readVersion(vehicle)];
      for (const write of [
        () => append(vehicle, noonMs),
        () => append(vehicle, noonMs),
        async () => use.store.amend({ vehicle, samples: [sampleAt(noonMs)] }, [], await guardOf(use.store, vehicle), 1),
      ]) {
        await write();
        versions.push(await use.store.readVersion(vehicle));
      }
      expect(new Set(versions).size).toBe(4);
      await append(other, noonMs);
      const guard = { vehicle, version: versions.at(-1) as string, of: 'samples' } as const;
      expect(await use.store.amend({ vehicle, samples: [] }, [], guard, 1)).toEqual([]);
    });

    it('that no longer hold let nothing be written or marked', async () => {
      const vehicle = newVehicle();
      const { receipt } = await append(vehicle, noonMs);
      const guard = await guardOf(use.store, vehicle);
      await append(vehicle, noonMs + 1);
      const trip = tripOf(vehicle, 0, 1);
      const alert: Alert = { vehicle, timeMs: noonMs, origin: 'codes', kind: 'code-set', detail: 'P0133' };
      const range = { vehicle, origin: 'codes', fromMs: noonMs, toMs: noonMs } as const;
      const amended = { vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] };
      expect(await use.store.amend(amended, [receipt], guard, receivedMs)).toBeNull();
      expect(await use.store.writeTrips([trip], [receipt], guard)).toBeNull();
      expect(await replaceAlerts(use.store, range, [alert], guard)).toBeNull();
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ pending: 2 }, { pending: 2 }]);
      expect(await use.store.readTrip(trip.id)).toBeUndefined();
      expect(await use.store.listAlerts({ vehicle, fromMs: 0, toMs: noonMs, limit: 1 })).toEqual([]);
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(noonMs), sampleAt(noonMs + 1)]);
    });

    it('of an erased vehicle do not hold for one of the same name', async () => {
      const vehicle = newVehicle();
      await append(vehicle, noonMs);
      const guard = await guardOf(use.store, vehicle);
      await use.store.eraseVehicle(vehicle, null);
      await append(vehicle, noonMs);
      expect(await use.store.writeTrips([tripOf(vehicle, 0, 1)], [], guard)).toBeNull();
    });

    it('of what is derived do not mind samples, but another write of their kind', async () => {
      const vehicle = newVehicle();
      await append(vehicle, noonMs);
      const version = await use.store.readVersion(vehicle);
      const [trips, codes] = [{ vehicle, version, of: 'trips' } as const, { vehicle, version, of: 'codes' } as const];
      await append(vehicle, noonMs + 1);
      const alert: Alert = { vehicle, timeMs: noonMs, origin: 'trips', kind: 'harsh-braking', detail: '-4.00' };
      const alerts = { range: { vehicle, origin: 'trips', fromMs: 0, toMs: noonMs } as const, alerts: [alert] };
      expect(await use.store.writeTrips([tripOf(vehicle, 0, 1)], [], trips, alerts)).toEqual([alert]);
      expect(await use.store.writeTrips([tripOf(vehicle, 0, 2)], [], trips)).toBeNull();
      const range = { vehicle, origin: 'codes', fromMs: 0, toMs: noonMs } as const;
      expect(await replaceAlerts(use.store, range, [], codes)).toEqual([]);
      expect(await replaceAlerts(use.store, range, [], codes)).toBeNull();
    });

    it('of one write at once let just one of them through', async () => {
      const vehicle = newVehicle();
      await append(vehicle, noonMs);
      const guard = await guardOf(use.store, vehicle);
      const amended = { vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] };
      const done = await Promise.all([1, 2, 3].map(() => use.store.amend(amended, [], guard, receivedMs)));
      expect(done.filter(Boolean)).toHaveLength(1);
    });
  });
}
