import { describe, expect, it } from 'vitest';
import type { Alert, AlertOrigin } from '../port.ts';
import { guardOf, newVehicle, noonMs, type OpenStore, replaceAlerts, sampleAt, useStore } from './fixtures.ts';

export function alertContract(open: OpenStore): void {
  describe('alerts', () => {
    const use = useStore(open);

    const codeAt = (vehicle: string, step: number, detail = 'P0133'): Alert => ({
      vehicle,
      timeMs: noonMs + step,
      origin: 'codes',
      kind: 'code-set',
      detail,
    });
    const replace = async (vehicle: string, alerts: Alert[], from = 0, to = 10, origin: AlertOrigin = 'codes') => {
      const range = { vehicle, origin, fromMs: noonMs + from, toMs: noonMs + to };
      // Alerts are of vehicles that have reported: those of an erased one bring nothing back.
      await use.store.append([{ vehicle, samples: [sampleAt(noonMs)] }], 0);
      return replaceAlerts(use.store, range, alerts, await guardOf(use.store, vehicle));
    };
    const list = (vehicle: string) => use.store.listAlerts({ vehicle, fromMs: 0, toMs: noonMs + 1_000, limit: 100 });

    it('replace those of their range, and answer the new ones only', async () => {
      const vehicle = newVehicle();
      const [a, b, c] = [codeAt(vehicle, 1), codeAt(vehicle, 2), codeAt(vehicle, 3)];
      expect(await replace(vehicle, [a, b])).toEqual([a, b]);
      expect(await replace(vehicle, [a, b])).toEqual([]);
      expect(await replace(vehicle, [b, c])).toEqual([c]);
      expect(await list(vehicle)).toEqual([c, b]);
      expect(await replace(vehicle, [], 3, 3)).toEqual([]);
      expect(await list(vehicle)).toEqual([b]);
    });

    it('of one instant are told apart by kind and detail', async () => {
      const vehicle = newVehicle();
      const [one, other] = [codeAt(vehicle, 1, 'P0001'), codeAt(vehicle, 1, 'P0002')];
      await replace(vehicle, [one]);
      expect(await replace(vehicle, [one, other])).toEqual([other]);
      expect(await list(vehicle)).toHaveLength(2);
    });

    it('of one origin or vehicle leave those of others alone', async () => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      const harsh: Alert = { ...codeAt(vehicle, 1, '-3.4'), origin: 'trips', kind: 'harsh-braking' };
      await replace(vehicle, [harsh], 0, 10, 'trips');
      await replace(other, [codeAt(other, 1)]);
      await replace(vehicle, []);
      expect(await list(vehicle)).toEqual([harsh]);
      expect(await list(other)).toEqual([codeAt(other, 1)]);
    });

    it('are listed latest first within a range, of one vehicle or all', async () => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      const early = 500_000;
      for (const [car, step] of [
        [vehicle, early],
        [other, early + 1],
        [vehicle, early + 2],
      ] as const) {
        await replace(car, [codeAt(car, step)], step, step);
      }
      const steps = async (filter: { vehicle?: string; limit?: number }) =>
        (await use.store.listAlerts({ fromMs: noonMs + early, toMs: noonMs + early + 2, limit: 10, ...filter })).map(
          ({ timeMs }) => timeMs - noonMs - early,
        );
      expect(await steps({})).toEqual([2, 1, 0]);
      expect(await steps({ vehicle })).toEqual([2, 0]);
      expect(await steps({ limit: 2 })).toEqual([2, 1]);
    });
  });
}
