import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../telemetry/events.ts';
import type { Sample } from '../../telemetry/sample.ts';
import { isKnown } from '../erasure.ts';
import { VehicleErased } from '../port.ts';
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

/** The instant of erasing, one minute after the tests' samples. */
const erasedMs = noonMs + minuteMs;

export function erasureContract(open: OpenStore): void {
  describe('an erased vehicle', () => {
    const use = useStore(open);

    const append = (vehicle: string, ...samples: Sample[]) => use.store.append([{ vehicle, samples }], receivedMs);
    const eventOf = (subject: string, part: Partial<CloudEvent> = {}): CloudEvent => ({
      specversion: '1.0',
      id: 'x',
      source: subject,
      type: 't',
      subject,
      ...part,
    });
    const put = (event: CloudEvent) =>
      use.store.putDeadLetter({ event, destination: '/enrich', code: 422, reason: 'bad' }, noonMs);

    /** Everything that a vehicle can leave, once each, but samples, of which there are two. */
    async function leaveTraces(car: string): Promise<void> {
      await append(car, sampleAt(noonMs), sampleAt(noonMs + 1, { codesStored: ['P0133'] }));
      for (const tier of ['1m', '5m'] as const) await use.store.rollUp(tier, car, noonMs, noonMs);
      await use.store.writeTrips([tripOf(car, 0, 1)], [], await guardOf(use.store, car));
      const alert = { vehicle: car, timeMs: noonMs, origin: 'codes', kind: 'code-set', detail: 'P0133' } as const;
      await replaceAlerts(use.store, rangeOf(car), [alert], await guardOf(use.store, car));
      await put(eventOf(car));
    }

    it.each([erasedMs, null])('leaves nothing behind, and others untouched (at %s)', async (nowMs) => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      for (const car of [vehicle, other]) await leaveTraces(car);
      expect(await leftOf(vehicle)).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
      expect(await use.store.eraseVehicle(vehicle, nowMs)).toEqual({ samples: 2, untilMs: nowMs });
      expect(await use.store.eraseVehicle(vehicle, nowMs)).toEqual({ samples: 0, untilMs: nowMs });
      expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      expect(await leftOf(other)).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
    });

    it('is told from one that never was, whatever is left of it', async () => {
      const [never, reported, failed, erased] = [newVehicle(), newVehicle(), newVehicle(), newVehicle()];
      await append(reported, sampleAt(noonMs));
      await put(eventOf(failed));
      await append(erased, sampleAt(noonMs));
      await use.store.eraseVehicle(erased, erasedMs);
      const known = await Promise.all([never, reported, failed, erased].map((vehicle) => isKnown(use.store, vehicle)));
      expect(known).toEqual([false, true, true, true]);
    });

    it('takes the dead letters of events that name it only in their data', async () => {
      const vehicle = newVehicle();
      const { subject: _, ...event } = eventOf(vehicle, { data: { vehicle } });
      const mine = async () =>
        (await use.store.listDeadLetters({ limit: 1_000 })).filter((letter) => letter.event.source === vehicle);
      await put(event);
      expect(await mine()).toHaveLength(1);
      await use.store.eraseVehicle(vehicle, erasedMs);
      expect(await mine()).toEqual([]);
    });

    it('takes no sample up to its tombstone again, also after opening again, and begins anew with the next', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(noonMs, { coolantC: 80 }));
      await use.store.eraseVehicle(vehicle, erasedMs);
      for (let round = 0; round < 2; round++) {
        for (const timeMs of [noonMs, noonMs - minuteMs, erasedMs]) {
          const refused = append(vehicle, sampleAt(timeMs));
          await expect(refused).rejects.toThrow(VehicleErased);
          await expect(refused).rejects.toMatchObject({ status: 422, erasures: [{ vehicle, untilMs: erasedMs }] });
        }
        expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
        await use.reopen();
      }
      await append(vehicle, sampleAt(erasedMs + 1, { speedKmh: 1 }));
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(erasedMs + 1, { speedKmh: 1 })]);
      expect(await receiptsOf(use.store, vehicle)).toMatchObject([{ fromMs: erasedMs + 1, count: 1, pending: 2 }]);
    });

    it('refuses a whole append for one sample, and no other append that comes at the same time', async () => {
      const [vehicle, second, other] = [newVehicle(), newVehicle(), newVehicle()];
      for (const car of [vehicle, second]) await use.store.eraseVehicle(car, erasedMs);
      const appends = [
        [{ vehicle: other, samples: [sampleAt(noonMs, { speedKmh: 1 })] }],
        [
          { vehicle: other, samples: [sampleAt(noonMs, { speedKmh: 2 }), sampleAt(noonMs + 1, { driver: 'no' })] },
          { vehicle, samples: [sampleAt(erasedMs + 1), sampleAt(erasedMs)] },
          { vehicle: second, samples: [sampleAt(noonMs)] },
        ],
        [{ vehicle, samples: [sampleAt(erasedMs + 2, { driver: 'yes' })] }],
        [{ vehicle: second, samples: [sampleAt(noonMs)] }],
        [{ vehicle: other, samples: [sampleAt(noonMs + 2, { speedKmh: 3 })] }],
      ];
      const outcomes = await Promise.allSettled(appends.map((groups) => use.store.append(groups, receivedMs)));
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      const { erasures } = (outcomes[1] as PromiseRejectedResult).reason as VehicleErased;
      expect(erasures).toEqual([vehicle, second].map((name) => ({ vehicle: name, untilMs: erasedMs })));
      expect(await readAll(use.store, other)).toEqual([
        sampleAt(noonMs, { speedKmh: 1 }),
        sampleAt(noonMs + 2, { speedKmh: 3 }),
      ]);
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(erasedMs + 2, { driver: 'yes' })]);
      expect(await use.store.readVehicle(second)).toBeUndefined();
      const ids = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.receipt] : []));
      const [first] = await receiptsOf(use.store, vehicle);
      expect(ids[1]).toBe(first?.id);
      expect((await receiptsOf(use.store, other)).map(({ id }) => id)).toEqual(
        expect.arrayContaining([ids[0], ids[2]]),
      );
    });

    it('has its tombstone where its newest sample was, should that be ahead of the clock', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(erasedMs + 5));
      expect(await use.store.eraseVehicle(vehicle, erasedMs)).toEqual({ samples: 1, untilMs: erasedMs + 5 });
      await expect(append(vehicle, sampleAt(erasedMs + 5))).rejects.toThrow(VehicleErased);
      await append(vehicle, sampleAt(erasedMs + 6));
    });

    it('keeps the later of two tombstones, and none once it is erased without one', async () => {
      const vehicle = newVehicle();
      await use.store.eraseVehicle(vehicle, erasedMs);
      expect(await use.store.eraseVehicle(vehicle, noonMs)).toEqual({ samples: 0, untilMs: erasedMs });
      expect(await tombstonesOf(vehicle)).toEqual([{ vehicle, untilMs: erasedMs }]);
      await use.store.eraseVehicle(vehicle, null);
      expect(await tombstonesOf(vehicle)).toEqual([]);
      await append(vehicle, sampleAt(noonMs));
      expect(await readAll(use.store, vehicle)).toHaveLength(1);
    });

    it('is not brought back by a job that comes late', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(noonMs));
      const guard = await guardOf(use.store, vehicle);
      const [receipt] = await receiptsOf(use.store, vehicle);
      await use.store.eraseVehicle(vehicle, erasedMs);
      await use.store.rollUp('1m', vehicle, noonMs, noonMs);
      await use.store.seal('trips', { vehicle, dayMs: noonMs }, 0);
      await use.store.markReceipts([receipt?.id as string], { attempts: 1 });
      expect(await replaceAlerts(use.store, rangeOf(vehicle), [], guard)).toBeNull();
      expect(await use.store.writeTrips([tripOf(vehicle, 0, 1)], [], guard)).toBeNull();
      expect(await use.store.amend({ vehicle, samples: [sampleAt(noonMs)] }, [], guard, receivedMs)).toBeNull();
      const since = await guardOf(use.store, vehicle);
      expect(await use.store.amend({ vehicle, samples: [sampleAt(noonMs)] }, [], since, receivedMs)).toBeNull();
      expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    });

    it('is not brought back by an event that fails late, while one of its new beginning is kept', async () => {
      const vehicle = newVehicle();
      await append(vehicle, sampleAt(noonMs));
      await use.store.eraseVehicle(vehicle, erasedMs);
      const later = new Date(erasedMs + minuteMs).toISOString();
      expect(await put(eventOf(vehicle, { time: new Date(noonMs).toISOString() }))).toBe(false);
      expect(await put(eventOf(vehicle, { time: later, data: { vehicle, fromMs: noonMs, toMs: noonMs } }))).toBe(false);
      expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      const fromMs = erasedMs + 1;
      expect(await put(eventOf(vehicle, { time: later, data: { vehicle, fromMs, toMs: fromMs } }))).toBe(true);
      expect(await leftOf(vehicle)).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    });

    const rangeOf = (vehicle: string) => ({ vehicle, origin: 'codes', fromMs: noonMs, toMs: noonMs }) as const;

    const tombstonesOf = async (vehicle: string) =>
      (await use.store.listErasures()).filter((erasure) => erasure.vehicle === vehicle);

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
        store.listDeadLetters({ limit: 1_000 }).then((all) => all.filter(({ event }) => event.subject === vehicle)),
        store.readVehicle(vehicle).then((state) => (state ? [state] : [])),
      ]);
      return lists.map((list) => list.length);
    }
  });
}
