import { describe, expect, it } from 'vitest';
import { dayMs, rawDays } from '../retention.ts';
import {
  newVehicle,
  noonMs,
  type OpenStore,
  readAll,
  receivedMs,
  sampleAt,
  useStore,
  yesterdayMs,
} from './fixtures.ts';

/** In place of expiry, for a store that drops by itself, whatever has become of it, and by whole days: InfluxDB. */
export function retentionContract(open: OpenStore): void {
  describe('retention of its own', () => {
    const use = useStore(open);

    it('leaves nothing to the job, which drops nothing', async () => {
      const vehicle = newVehicle();
      const { receipt } = await use.store.append([{ vehicle, samples: [sampleAt(noonMs)] }], receivedMs);
      await use.store.rollUp('1m', vehicle, noonMs, noonMs);
      await use.store.rollUp('5m', vehicle, noonMs, noonMs);
      await use.store.markReceipts([receipt], { pending: 0, rollup: 0 });
      for (const kind of ['trips', 'rollups'] as const) await use.store.seal(kind, { vehicle, dayMs: yesterdayMs }, 0);
      const floorMs = yesterdayMs + dayMs;
      const dropped = await use.store.expire({ rawFloorMs: floorMs, oneMinuteFloorMs: floorMs });
      expect(dropped).toEqual({ samples: 0, oneMinuteRows: 0 });
      expect(await readAll(use.store, vehicle)).toHaveLength(1);
    });

    it('may have dropped the days before the raw floor, and takes nothing that is beyond', async () => {
      const vehicle = newVehicle();
      const floorMs = await use.store.rawFloorMs(vehicle);
      expect(floorMs).toBe(Math.floor(Date.now() / dayMs - rawDays) * dayMs);
      const beyond = use.store.append([{ vehicle, samples: [sampleAt(floorMs - 1)] }], receivedMs);
      await expect(beyond).rejects.toThrow(/retention/);
      expect(await readAll(use.store, vehicle)).toEqual([]);
    });
  });
}
