import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../telemetry/sample.ts';
import {
  anyFields,
  collect,
  guardOf,
  newVehicle,
  noonMs,
  type OpenStore,
  pagesOf,
  readAll,
  receivedMs,
  sampleAt,
  useStore,
  yesterdayMs,
} from './fixtures.ts';

export function sampleContract(open: OpenStore): void {
  describe('samples', () => {
    const use = useStore(open);

    it('come back as they were, with every kind of field', async () => {
      const vehicle = newVehicle();
      const samples: Sample[] = [
        sampleAt(noonMs, { speedKmh: 0, ignitionOn: false, driver: 'Zoë "Z" O’Neil', obd: ['41 0C 1A F8'], dtc: [] }),
        sampleAt(noonMs + 1, { latitude: -89.999_999_9, longitude: 179.123_456_789, flags: ['a', 'b'], milOn: true }),
        sampleAt(noonMs + 2, { seq: Number.MAX_SAFE_INTEGER, speedKmh: 0.1 + 0.2 }),
      ];
      await use.store.append([{ vehicle, samples }], receivedMs);
      expect(await readAll(use.store, vehicle)).toEqual(samples);
    });

    it('are merged field by field, the last write winning', async () => {
      const vehicle = newVehicle();
      const write = (fields: object) =>
        use.store.append([{ vehicle, samples: [sampleAt(noonMs, fields)] }], receivedMs);
      await write({ speedKmh: 10, coolantC: 80 });
      await write({ speedKmh: 20, engineRpm: 900 });
      const amended = { vehicle, samples: [sampleAt(noonMs, { ignitionOn: true })] };
      await use.store.amend(amended, [], await guardOf(use.store, vehicle), receivedMs);
      expect(await readAll(use.store, vehicle)).toEqual([
        sampleAt(noonMs, { speedKmh: 20, coolantC: 80, engineRpm: 900, ignitionOn: true }),
      ]);
    });

    it('of one identity in one request are merged in their order', async () => {
      const vehicle = newVehicle();
      const samples = [sampleAt(noonMs, { speedKmh: 1, coolantC: 1 }), sampleAt(noonMs, { speedKmh: 2 })];
      await use.store.append([{ vehicle, samples }], receivedMs);
      expect(await readAll(use.store, vehicle)).toEqual([sampleAt(noonMs, { speedKmh: 2, coolantC: 1 })]);
    });

    it('are still there after opening again', async () => {
      const vehicle = newVehicle();
      const samples = [sampleAt(noonMs), sampleAt(noonMs + 1)];
      await use.store.append([{ vehicle, samples }], receivedMs);
      await use.reopen();
      expect(await readAll(use.store, vehicle)).toEqual(samples);
    });

    it('equal a plain map, whatever is written in whatever batches, in pages of any size and both ways', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyBatch, { maxLength: 8 }),
          fc.integer({ min: 1, max: 7 }),
          async (batches, pageSize) => {
            const cars = [newVehicle(), newVehicle()] as const;
            const model = new Map<string, Sample>();
            for (const { writes, amends } of batches) {
              for (const { car, sample } of writes) {
                const identity = `${cars[car]} ${sample.timeMs} ${sample.device}`;
                model.set(identity, { ...model.get(identity), ...sample });
              }
              const groups = Map.groupBy(writes, ({ car }) => cars[car]);
              const all = [...groups].map(([vehicle, list]) => ({
                vehicle,
                samples: list.map(({ sample }) => sample),
              }));
              if (amends)
                for (const group of all) {
                  await use.store.amend(group, [], await guardOf(use.store, group.vehicle), receivedMs);
                }
              else await use.store.append(all, receivedMs);
            }
            for (const vehicle of cars) {
              const wanted = [...model].filter(([key]) => key.startsWith(`${vehicle} `)).map(([, sample]) => sample);
              wanted.sort((a, b) => a.timeMs - b.timeMs || (a.device < b.device ? -1 : 1));
              expect(await readAll(use.store, vehicle, pageSize)).toEqual(wanted);
              expect(await collect(use.store.readSamplesBackward(vehicle, Number.MAX_SAFE_INTEGER, pageSize))).toEqual(
                wanted.toReversed(),
              );
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    it('are read from the first to the last instant of a range, and backward from before one', async () => {
      const vehicle = newVehicle();
      const samples = [0, 1, 2, 3, 4].flatMap((s) => ['a', 'b'].map((device) => sampleAt(noonMs + s, {}, device)));
      await use.store.append([{ vehicle, samples: samples.toReversed() }], receivedMs);
      expect(await collect(use.store.readSamples(vehicle, noonMs + 1, noonMs + 3))).toEqual(samples.slice(2, 8));
      expect(await collect(use.store.readSamplesBackward(vehicle, noonMs + 2))).toEqual(
        samples.slice(0, 4).toReversed(),
      );
      const pages = await pagesOf(use.store.readSamples(vehicle, 0, noonMs + 9, 4));
      expect(pages.map((page) => page.length)).toEqual([4, 4, 2]);
    });

    it('of one vehicle are not those of another, and of an unknown one there are none', async () => {
      const [vehicle, other] = [newVehicle(), newVehicle()];
      await use.store.append([{ vehicle, samples: [sampleAt(noonMs)] }], receivedMs);
      expect(await readAll(use.store, other)).toEqual([]);
      expect(await readAll(use.store, vehicle)).toHaveLength(1);
    });

    it('with stored codes are found on either side of an instant', async () => {
      const vehicle = newVehicle();
      const coded = [0, 20].map((s) => sampleAt(noonMs + s, { dtc: ['P0133'], codesStored: s ? ['P0133'] : [] }));
      await use.store.append(
        [{ vehicle, samples: [...coded, sampleAt(noonMs + 10), sampleAt(noonMs - 5)] }],
        receivedMs,
      );
      expect(await use.store.nearestCodes(vehicle, noonMs + 20, 'before')).toEqual(coded[0]);
      expect(await use.store.nearestCodes(vehicle, noonMs, 'after')).toEqual(coded[1]);
      expect(await use.store.nearestCodes(vehicle, noonMs, 'before')).toBeUndefined();
      expect(await use.store.nearestCodes(vehicle, noonMs + 20, 'after')).toBeUndefined();
    });

    it('of many requests at once are all there, and each request has its receipt', async () => {
      const cars = [newVehicle(), newVehicle(), newVehicle()];
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          use.store.append([{ vehicle: cars[i % 3] as string, samples: [sampleAt(noonMs + i)] }], receivedMs),
        ),
      );
      for (const [i, { receipt }] of answers.entries()) {
        const covering = await use.store.listReceipts({ vehicle: cars[i % 3] as string, limit: 100 });
        const { fromMs, toMs } = covering.find(({ id }) => id === receipt) ?? { fromMs: Infinity, toMs: 0 };
        expect(fromMs).toBeLessThanOrEqual(noonMs + i);
        expect(toMs).toBeGreaterThanOrEqual(noonMs + i);
      }
      for (const vehicle of cars) expect(await readAll(use.store, vehicle)).toHaveLength(20);
    });
  });
}

const anyWrite = fc.record({
  car: fc.constantFrom(0, 1),
  sample: fc
    .tuple(fc.nat(12), fc.constantFrom('a', 'B', 'main'), anyFields)
    // Around midnight, so that a batch falls into two days.
    .map(([step, device, fields]) => sampleAt(yesterdayMs + (step - 6) * 500, fields, device)),
});

const anyBatch = fc.record({ writes: fc.array(anyWrite, { minLength: 1, maxLength: 12 }), amends: fc.boolean() });
