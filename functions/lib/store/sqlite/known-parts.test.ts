import { describe, expect, it } from 'vitest';
import { createKnownParts, type PartReceipt } from './known-parts.ts';

const limits = {
  smallBelow: 64,
  joinEvery: { receipts: 4, perVehicle: 2 },
  maxSmallBytes: 1_000,
  maxBytes: 100,
  maxDays: 3,
};
const known = () => createKnownParts(limits);
const big = 64;

function receipt(id: number, vehicleId = 1, { dayMs = 0, bytes = 10, count = 1 } = {}): PartReceipt {
  const times = { dayMs, fromMs: dayMs, toMs: dayMs, receivedMs: dayMs };
  return { id, vehicleId, ...times, count, pending: 2, rollup: 2, joined: 0, part: new Uint8Array(bytes) };
}

const idsOf = (several: PartReceipt[][]) => several.map((small) => small.map(({ id }) => id));

describe('small parts', () => {
  it('are joined when that saves enough receipts, and again only when it would once more', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(receipt(id));
    expect(parts.takeSmall()).toEqual([]);
    parts.add(receipt(5));
    expect(idsOf(parts.takeSmall())).toEqual([[1, 2, 3, 4, 5]]);
    for (const id of [6, 7, 8, 9]) parts.add(receipt(id));
    expect(parts.takeSmall()).toEqual([]);
    parts.add(receipt(10));
    expect(idsOf(parts.takeSmall())).toEqual([[6, 7, 8, 9, 10]]);
  });

  it('of many vehicles may be more, because each has few', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3, 4, 5, 6, 7]) for (const id of [1, 2]) parts.add(receipt(id, vehicleId));
    expect(parts.takeSmall()).toEqual([]);
    for (const vehicleId of [1, 2, 3, 4, 5, 6, 7]) parts.add(receipt(3, vehicleId));
    expect(parts.takeSmall()).toHaveLength(7);
  });

  it('that are alone stay with what comes after them', () => {
    const parts = known();
    parts.add(receipt(1, 2));
    for (const id of [2, 3, 4, 5, 6]) parts.add(receipt(id));
    expect(idsOf(parts.takeSmall())).toEqual([[2, 3, 4, 5, 6]]);
    for (const id of [7, 8, 9, 10]) parts.add(receipt(id, 2));
    expect(idsOf(parts.takeSmall())).toEqual([[1, 7, 8, 9, 10]]);
  });

  it('before a big one stay as they are, and so do those of a vehicle that is kept, or has none any more', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4, 5, 6]) for (const vehicleId of [1, 2, 3]) parts.add(receipt(id, vehicleId));
    parts.add(receipt(7, 1, { count: big }));
    parts.remove(2);
    parts.keep(3);
    expect(parts.takeSmall()).toEqual([]);
    for (const id of [11, 12, 13, 14, 15, 16]) parts.add(receipt(id));
    expect(idsOf(parts.takeSmall())).toEqual([[11, 12, 13, 14, 15, 16]]);
    expect([1, 2, 3].map(parts.has)).toEqual([true, false, true]);
  });

  it('are not remembered beyond a number of bytes', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(receipt(id, 1, { bytes: 200 }));
    parts.add(receipt(5, 2, { bytes: 200 }));
    parts.add(receipt(6, 2, { bytes: 1 }));
    for (const id of [7, 8, 9, 10, 11]) parts.add(receipt(id, 1, { bytes: 1 }));
    for (const id of [12, 13]) parts.add(receipt(id, 2, { bytes: 1 }));
    expect(idsOf(parts.takeSmall())).toEqual([
      [7, 8, 9, 10, 11],
      [12, 13],
    ]);
  });
});

describe('a vehicle has too much in parts', () => {
  it('beyond a number of bytes, those counted that were in the file, and no longer when rows were made of them', () => {
    const parts = known();
    parts.addStored(1, 0, 10);
    for (let id = 2; id <= 10; id++) parts.add(receipt(id));
    expect(parts.excess([1])).toEqual([]);
    parts.add(receipt(11));
    expect(parts.excess([1, 2])).toEqual([1]);
    expect(parts.excess([2])).toEqual([]);
    parts.remove(1);
    expect(parts.excess([1])).toEqual([]);
  });

  it('and no longer when they were joined to fewer', () => {
    const parts = known();
    for (let id = 1; id <= 11; id++) parts.add(receipt(id));
    expect(idsOf(parts.takeSmall())).toHaveLength(1);
    parts.add(receipt(12, 1, { bytes: 60 }));
    expect(parts.excess([1])).toEqual([]);
  });

  it('one at a time, where many are full', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(receipt(vehicleId, vehicleId, { bytes: 101 }));
    expect(parts.excess([3, 2, 1])).toEqual([3]);
  });

  it('where more vehicle-days have parts than are to be remembered', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(receipt(vehicleId, vehicleId, { bytes: 40 }));
    expect(parts.excess([1, 2, 3])).toEqual([]);
    parts.add(receipt(4, 3, { dayMs: 1, bytes: 20 }));
    expect(parts.excess([1, 2, 3])).toEqual([1, 2]);
    parts.remove(3);
    expect(parts.excess([1, 2])).toEqual([]);
  });
});
