import { expect, it } from 'vitest';
import { dayLengthMs, sampleAt, yesterdayMs } from '../contract/fixtures.ts';
import { openTables } from '../testing/sqlite-tables.ts';

const vehicle = 'car';
const floors = { rawFloorMs: yesterdayMs + 9 * dayLengthMs, oneMinuteFloorMs: 0 };

it('what is still in parts is neither dropped nor listed to be sealed, joined or not', () => {
  const tables = openTables({ joinEvery: { parts: 4, perVehicle: 1 } });
  for (let i = 0; i < 10; i++) tables.append([{ vehicle, samples: [sampleAt(yesterdayMs + i)] }], yesterdayMs);
  const before = tables.page(vehicle, 0, Infinity, 100);
  const ids = tables.reads.receipts({ limit: 100 }).map(({ id }) => id);
  tables.commit((writes) => writes.markReceipts({ ids, marks: { rollup: 0 } }));
  const unsealed = () => tables.reads.unsealed({ kind: 'trips', beforeDayMs: floors.rawFloorMs, limit: 10 });
  expect(unsealed()).toEqual([]);
  for (const kind of ['trips', 'rollups'] as const) {
    tables.commit((writes) => writes.seal({ kind, day: { vehicle, dayMs: yesterdayMs }, differences: 0 }));
  }
  expect(tables.commit((writes) => writes.expire(floors))).toEqual({ samples: 0, oneMinuteRows: 0 });
  expect(tables.page(vehicle, 0, Infinity, 100)).toEqual(before);
  expect(tables.reads.rawFloorMs({ vehicle })).toBe(0);

  tables.commit((writes) => writes.markReceipts({ ids, marks: { pending: 0 } }));
  expect(tables.commit((writes) => writes.expire(floors)).samples).toBe(10);
  // A day that is gone begins anew with what comes for it, below the raw floor too.
  tables.append([{ vehicle, samples: [sampleAt(yesterdayMs)] }], yesterdayMs);
  expect(tables.page(vehicle, 0, Infinity, 100)).toEqual([sampleAt(yesterdayMs)]);
  const [late] = tables.reads.receipts({ limit: 100 });
  tables.commit((writes) => writes.markReceipts({ ids: [late?.id as string], marks: { pending: 0 } }));
  expect(unsealed()).toEqual([{ vehicle, dayMs: yesterdayMs }]);
  tables.close();
});
