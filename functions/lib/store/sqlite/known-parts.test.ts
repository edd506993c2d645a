import { describe, expect, it } from 'vitest';
import { createKnownParts } from './known-parts.ts';

const known = () =>
  createKnownParts({ smallBelow: 64, joinEvery: { receipts: 4, perVehicle: 2 }, maxBytes: 100, maxDays: 3 });
const day = (vehicleId: number, dayMs = 0, bytes = 10) => ({ vehicleId, dayMs, bytes });

describe('small parts', () => {
  it('are joined when that saves enough receipts, and again only when it would once more', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4]) parts.add(day(1), id);
    expect(parts.joinable()).toEqual([]);
    parts.add(day(1), 5);
    expect(parts.joinable()).toEqual([{ vehicleId: 1, dayMs: 0, ids: [1, 2, 3, 4, 5] }]);
    parts.setJoined({ vehicleId: 1, dayMs: 0, ids: [6] }, 20);
    for (const id of [7, 8, 9]) parts.add(day(1), id);
    expect(parts.joinable()).toEqual([]);
    parts.add(day(1), 10);
    expect(parts.joinable()).toEqual([{ vehicleId: 1, dayMs: 0, ids: [6, 7, 8, 9, 10] }]);
  });

  it('of many vehicles may be more, because each has few', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4, 5]) for (const vehicleId of [1, 2, 3]) parts.add(day(vehicleId), id);
    expect(parts.joinable()).toHaveLength(3);
    for (const vehicleId of [4, 5, 6, 7]) parts.add(day(vehicleId), 9);
    expect(parts.joinable()).toEqual([]);
  });

  it('before a big one stay as they are, and so do those of a vehicle that has none any more', () => {
    const parts = known();
    for (const id of [1, 2, 3, 4, 5, 6]) for (const vehicleId of [1, 2]) parts.add(day(vehicleId), id);
    parts.add(day(1));
    parts.remove(2);
    expect(parts.joinable()).toEqual([]);
    for (const id of [11, 12, 13, 14]) parts.add(day(1), id);
    expect(parts.joinable()).toEqual([]);
    parts.add(day(1), 15);
    expect(parts.joinable()).toEqual([{ vehicleId: 1, dayMs: 0, ids: [11, 12, 13, 14, 15] }]);
    expect([parts.has(1), parts.has(2)]).toEqual([true, false]);
  });
});

describe('a vehicle has too much in parts', () => {
  it('beyond a number of bytes, and no longer when rows were made of them or they were joined to fewer', () => {
    const parts = known();
    for (let id = 1; id <= 10; id++) parts.add(day(1), id);
    expect(parts.excess([1])).toEqual([]);
    parts.add(day(1), 11);
    expect(parts.excess([1, 2])).toEqual([1]);
    expect(parts.excess([2])).toEqual([]);
    parts.setJoined({ vehicleId: 1, dayMs: 0, ids: [12] }, 50);
    expect(parts.excess([1])).toEqual([]);
    parts.add(day(1, 0, 100));
    parts.remove(1);
    expect(parts.excess([1])).toEqual([]);
  });

  it('one at a time, where many are full', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(day(vehicleId, 0, 101));
    expect(parts.excess([3, 2, 1])).toEqual([3]);
  });

  it('where more vehicle-days have parts than are to be remembered', () => {
    const parts = known();
    for (const vehicleId of [1, 2, 3]) parts.add(day(vehicleId, 0, 40), vehicleId);
    expect(parts.excess([1, 2, 3])).toEqual([]);
    parts.add(day(3, 1, 20), 4);
    expect(parts.excess([1, 2, 3])).toEqual([1, 2]);
    parts.remove(3);
    expect(parts.excess([1, 2])).toEqual([]);
  });
});
