import { describe, expect, it } from 'vitest';
import { createKnownParts, type KnownParts, type PartLimits, type PartReceipt, partLimits } from './known-parts.ts';

const limits: PartLimits = {
  joinEvery: { parts: 5, perVehicle: 2 },
  smallBelow: { samples: 10, bytes: 260 },
  maxSmallBytes: 1_000,
  largeFrom: 100,
  maxMiddle: 8,
  maxReadBytes: 500,
  maxBytes: 400,
  maxDays: 3,
};
const known = () => createKnownParts(limits);
const [small, middle, large] = [1, 40, 100];

function receipt(id: number, vehicleId = 1, { dayMs = 0, bytes = 10, count = small, joined = 0 } = {}): PartReceipt {
  const times = { dayMs, fromMs: dayMs, toMs: dayMs, receivedMs: dayMs };
  return { id, vehicleId, ...times, count, pending: 2, rollup: 2, joined, part: partOf(bytes) };
}

/** Nothing looks into them. */
const partOf = (bytes: number) => ({ length: bytes }) as Uint8Array;

const runsOf = (parts: KnownParts) =>
  parts.takeRuns().map(({ middle: ids, small: receipts }) => [ids, receipts.map(({ id }) => id)]);
/** Large parts of another vehicle, so that it is time to join. */
function addOthers(parts: KnownParts): void {
  for (let day = 0; day < 5; day++) parts.add(receipt(1_000 + day, 9, { count: large, bytes: 0 }));
}

describe('small parts', () => {
  it('are joined when enough have come, and again when enough came once more', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(receipt(id));
    expect(runsOf(parts)).toEqual([]);
    parts.add(receipt(5));
    expect(runsOf(parts)).toEqual([[[], [1, 2, 3, 4, 5]]]);
    parts.add(receipt(6, 1, { count: 5, joined: 1 }));
    for (const id of [7, 8, 9, 10]) parts.add(receipt(id));
    expect(runsOf(parts)).toEqual([]);
    parts.add(receipt(11));
    expect(runsOf(parts)).toEqual([[[], [6, 7, 8, 9, 10, 11]]]);
  });

  it('of many vehicles may be more, because each has few', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3, 4, 5, 6, 7]) parts.add(receipt(1, vehicleId));
    expect(runsOf(parts)).toEqual([]);
    for (const vehicleId of [1, 2, 3, 4, 5, 6, 7]) parts.add(receipt(2, vehicleId));
    expect(runsOf(parts)).toHaveLength(7);
  });

  it('are not counted any more when rows were made of them', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(receipt(id));
    parts.remove(1);
    for (const id of [5, 6, 7, 8]) parts.add(receipt(id));
    expect(runsOf(parts)).toEqual([]);
    expect([1, 2].map(parts.has)).toEqual([true, false]);
  });

  it('that are alone stay with what comes after them', () => {
    const parts = known();
    parts.add(receipt(1));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([]);
    parts.add(receipt(2));
    addOthers(parts);
    expect(runsOf(parts)).toContainEqual([[], [1, 2]]);
  });

  it('are remembered up to a number of bytes, and are middle ones beyond it', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(receipt(id, 1, { bytes: 250 }));
    parts.add(receipt(5, 2, { bytes: 1 }));
    for (const id of [6, 7, 8, 9, 10]) parts.add(receipt(id, 2));
    expect(runsOf(parts)).toEqual([[[], [6, 7, 8, 9, 10]]]);
    for (const id of [11, 12, 13, 14, 15]) parts.add(receipt(id));
    expect(runsOf(parts)).toEqual([[[], [11, 12, 13, 14, 15]]]);
    parts.add(receipt(16, 1, { count: large - 4 }));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[1, 2, 3, 4, 16], []]]);
  });

  it('of a large fleet, which are more than is remembered, are joined, too', () => {
    const parts = createKnownParts(partLimits);
    const [fleet, rounds] = [10_000, 100];
    const there = new Map<number, PartReceipt>();
    let id = 0;
    const add = (vehicleId: number, count: number, joined: number) => {
      const one = receipt(++id, vehicleId, { count, bytes: 180 + 110 * count, joined });
      parts.add(one);
      there.set(id, one);
    };
    for (let sample = 0; sample < rounds * fleet; sample++) {
      if (sample % 1_000 === 0) {
        for (const { middle: ids, small: taken } of parts.takeRuns()) {
          const receipts = [...ids, ...taken.map((one) => one.id)].map((one) => there.get(one) as PartReceipt);
          for (const one of receipts) there.delete(one.id);
          add(
            receipts[0]?.vehicleId as number,
            receipts.reduce((sum, { count }) => sum + count, 0),
            1,
          );
        }
      }
      add(1 + (sample % fleet), 1, 0);
    }
    expect([...there.values()].reduce((sum, { count }) => sum + count, 0)).toBe(rounds * fleet);
    expect(there.size / fleet).toBeLessThan(partLimits.maxMiddle);
  });

  it('of few samples that are long are middle ones', () => {
    const parts = known();
    for (const id of [1, 2]) parts.add(receipt(id, 1, { bytes: 260 }));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([]);
  });

  it('of a vehicle that is kept stay as they are', () => {
    const parts = known();
    for (const id of [1, 2, 3]) parts.add(receipt(id));
    parts.keep(1);
    for (const id of [4, 5]) parts.add(receipt(id));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[], [4, 5]]]);
  });
});

describe('middle parts', () => {
  it('are joined when they are large together, with the small ones around them and in their order', () => {
    const parts = known();
    parts.add(receipt(1));
    parts.add(receipt(2, 1, { count: middle }));
    parts.add(receipt(3, 1, { count: middle }));
    parts.add(receipt(4));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([]);
    parts.add(receipt(5, 1, { count: middle }));
    parts.add(receipt(6));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[1, 2, 3, 4, 5], [6]]]);
  });

  it('of a vehicle that is kept stay as they are', () => {
    const parts = known();
    for (const id of [1, 2, 3]) parts.add(receipt(id, 1, { count: middle }));
    parts.keep(1);
    for (const id of [4, 5, 6]) parts.add(receipt(id, 1, { count: middle }));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[4, 5, 6], []]]);
  });

  it('stay as they are, and what came before them, when a large one comes', () => {
    const parts = known();
    for (const id of [1, 2, 3]) parts.add(receipt(id, 1, { count: middle }));
    parts.add(receipt(4));
    parts.add(receipt(5, 1, { count: large }));
    for (const id of [6, 7]) parts.add(receipt(id));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[], [6, 7]]]);
  });

  it('of several vehicles take turns, because joining reads them', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) {
      for (const id of [1, 2, 3]) parts.add(receipt(id, vehicleId, { count: middle, bytes: 100 }));
    }
    for (let turn = 0; turn < 3; turn++) {
      expect(runsOf(parts)).toEqual([[[1, 2, 3], []]]);
      for (let times = 0; times < 2; times++) addOthers(parts);
    }
    expect(runsOf(parts)).toEqual([]);
  });

  it('that are many are joined with what came after them, but for the large ones at the beginning', () => {
    const parts = known();
    const counts = [30, 10, 10, 10, 10, 1, 1, 1];
    counts.forEach((count, i) => void parts.add(receipt(i + 1, 1, { count, bytes: 260 })));
    parts.add(receipt(9));
    addOthers(parts);
    // 1 + 3 samples; then 10 <= 8 no more.
    expect(runsOf(parts)).toEqual([[[6, 7, 8], [9]]]);
    parts.add(receipt(10, 1, { count: 4, bytes: 260, joined: 1 }));
    for (const id of [11, 12]) parts.add(receipt(id, 1, { bytes: 260 }));
    addOthers(parts);
    // 1 + 1 + 4 samples, then those of 10, and then the 30.
    expect(runsOf(parts)).toEqual([[[1, 2, 3, 4, 5, 10, 11, 12], []]]);
  });

  it('of one vehicle are joined however large they are', () => {
    const parts = known();
    for (const id of [1, 2, 3]) parts.add(receipt(id, 1, { count: middle, bytes: 1_000 }));
    addOthers(parts);
    expect(runsOf(parts)).toEqual([[[1, 2, 3], []]]);
  });
});

describe('a vehicle has too much in parts', () => {
  it('beyond a number of bytes, those counted that were in the file, and no longer when rows were made of them', () => {
    const parts = known();
    parts.addStored(1, 0, 10);
    for (let id = 2; id <= 40; id++) parts.add(receipt(id));
    expect(parts.excess([1])).toEqual([]);
    parts.add(receipt(41));
    expect(parts.excess([1, 2])).toEqual([1]);
    expect(parts.excess([2])).toEqual([]);
    parts.remove(1);
    expect(parts.excess([1])).toEqual([]);
  });

  it('and no longer when they were joined to fewer', () => {
    const parts = known();
    for (let id = 1; id <= 5; id++) parts.add(receipt(id, 1, { count: middle, bytes: 80 }));
    parts.add(receipt(6));
    expect(parts.excess([1])).toEqual([1]);
    expect(runsOf(parts)).toHaveLength(1);
    parts.add(receipt(7, 1, { count: large, bytes: 390, joined: 1 }));
    expect(parts.excess([1])).toEqual([]);
    parts.add(receipt(8, 1, { bytes: 11 }));
    expect(parts.excess([1])).toEqual([1]);
  });

  it('one at a time, where many are full', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(receipt(vehicleId, vehicleId, { bytes: 401 }));
    expect(parts.excess([3, 2, 1])).toEqual([3]);
  });

  it('where more vehicle-days have parts than are to be remembered', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(receipt(vehicleId, vehicleId, { bytes: 150 }));
    expect(parts.excess([1, 2, 3])).toEqual([]);
    parts.add(receipt(4, 3, { dayMs: 1, bytes: 200 }));
    expect(parts.excess([1, 2, 3])).toEqual([1, 2]);
    parts.remove(3);
    expect(parts.excess([1, 2])).toEqual([]);
  });
});
