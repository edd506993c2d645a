import { describe, expect, it } from 'vitest';
import { Refusal } from '../lib/ports.ts';
import { collect, KeepsChanging } from '../lib/store/derive.ts';
import { StoreUnavailable } from '../lib/store/port.ts';
import { ping, type TestPorts, testPorts } from '../lib/store/testing/test-ports.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { handle } from './handler.ts';

const day = 86_400_000;
const nowMs = Date.UTC(2026, 0, 10, 12);
const context = { state: undefined };
const sample = (seconds: number, speedKmh: number): Sample => ({
  timeMs: nowMs + seconds * 1000,
  device: 'main',
  speedKmh,
});

async function append(ports: TestPorts, ...samples: Sample[]): Promise<void> {
  await ports.store.append([{ vehicle: 'car-1', samples }], ports.clock.now());
  const receipts = await ports.store.listReceipts({ pending: [2], limit: 99 });
  await ports.store.markReceipts(
    receipts.map(({ id }) => id),
    { pending: 0 },
  );
}

const rows = (ports: TestPorts, tier: '1m' | '5m') =>
  collect(ports.store.readRollups(tier, 'car-1', 0, Number.MAX_SAFE_INTEGER));
const run = (ports: TestPorts, job: string) => handle(context, ping(job), ports);

describe('downsample', () => {
  it('rolls up the windows of pending receipts, tier by tier, and replies with what it did', async () => {
    const ports = await testPorts(nowMs);
    await append(ports, sample(0, 10), sample(59, 20), sample(60, 30), sample(600, 40));
    expect(await run(ports, 'downsample-1m')).toMatchObject({
      type: 'fleet.rollup.completed',
      data: { tier: '1m', rows: 3 },
    });
    expect(await run(ports, 'downsample-5m')).toMatchObject({ data: { tier: '5m', rows: 2 } });
    expect((await rows(ports, '1m')).map(({ count }) => count)).toEqual([2, 1, 1]);
    expect((await rows(ports, '5m')).map(({ fields }) => fields.speedKmh)).toMatchObject([
      { count: 3, sum: 60, mean: 20, min: 10, max: 30, last: 30 },
      { count: 1, last: 40 },
    ]);
    expect(await ports.store.countReceipts()).toMatchObject({ rollup: 0 });
  });

  it('rolls up both tiers when the tick of the upper one comes first, and tells of both', async () => {
    const ports = await testPorts(nowMs);
    await append(ports, sample(0, 10), sample(59, 20), sample(60, 30));
    expect(await run(ports, 'downsample-5m')).toMatchObject({ data: { tier: '5m', rows: 1 } });
    expect(ports.published).toMatchObject([{ type: 'fleet.rollup.completed', data: { tier: '1m', rows: 2 } }]);
    expect(await ports.store.countReceipts()).toMatchObject({ rollup: 0 });
    expect(await run(ports, 'downsample-1m')).toBeUndefined();
  });

  it('computes late samples in, and nothing changes by a tick too many', async () => {
    const ports = await testPorts(nowMs);
    await append(ports, sample(0, 10));
    for (const job of ['downsample-1m', 'downsample-5m', 'downsample-5m', 'downsample-1m']) await run(ports, job);
    await append(ports, sample(30, 20));
    for (const job of ['downsample-1m', 'downsample-5m']) await run(ports, job);
    expect((await rows(ports, '5m')).map(({ count }) => count)).toEqual([2]);
    const before = await rows(ports, '1m');
    for (const job of ['downsample-1m', 'downsample-1m', 'downsample-5m']) await run(ports, job);
    expect(await rows(ports, '1m')).toEqual(before);
  });

  it('ends, though a car reports all the time', async () => {
    const ports = await testPorts(nowMs);
    const { rollUp } = ports.store;
    let seconds = 0;
    ports.store.rollUp = async (...range) => {
      const rolled = await rollUp(...range);
      await append(ports, sample(++seconds, 10));
      return rolled;
    };
    await append(ports, sample(0, 10));
    expect(await run(ports, 'downsample-1m')).toMatchObject({ data: { rows: 1 } });
    expect(await ports.store.listReceipts({ rollup: [2], limit: 9 })).toHaveLength(1);
    expect(seconds).toBe(1);
  });

  it('leaves receipts alone that are not enriched', async () => {
    const ports = await testPorts(nowMs);
    await ports.store.append([{ vehicle: 'car-1', samples: [sample(0, 10)] }], nowMs);
    await run(ports, 'downsample-1m');
    expect(await rows(ports, '1m')).toEqual([]);
    expect(await ports.store.countReceipts()).toMatchObject({ rollup: 1 });
  });

  describe('a vehicle that fails', () => {
    const cars = Array.from({ length: 10_200 }, (_, i) => `car-${String(i).padStart(5, '0')}`);
    /** All of them have something to roll up; the rollup of the first ten thousand fails. */
    async function failing(error: Error): Promise<TestPorts> {
      const ports = await testPorts(nowMs);
      const groups = cars.map((vehicle) => ({ vehicle, samples: [sample(0, 10)] }));
      await ports.store.append(groups, nowMs);
      const ids = (await ports.store.listReceipts({ limit: 11_000 })).map(({ id }) => id);
      await ports.store.markReceipts(ids, { pending: 0 });
      const { rollUp } = ports.store;
      ports.store.rollUp = (tier, vehicle, ...range) =>
        vehicle < 'car-10000' ? Promise.reject(error) : rollUp(tier, vehicle, ...range);
      return ports;
    }

    it('holds up no other, and the tick fails in the end', async () => {
      const ports = await failing(new TypeError('something nobody foresaw'));
      await expect(run(ports, 'downsample-1m')).rejects.toThrow('foresaw');
      expect(await ports.store.listReceipts({ rollup: [2], limit: 11_000 })).toHaveLength(10_000);
      expect(await ports.store.listReceipts({ rollup: [1], limit: 11_000 })).toHaveLength(200);
      await expect(run(ports, 'downsample-5m')).rejects.toThrow('foresaw');
      expect(await ports.store.listReceipts({ rollup: [0], limit: 11_000 })).toHaveLength(200);
    });

    it('because its samples keep changing, is left to the next tick', async () => {
      const ports = await failing(new KeepsChanging('samples kept changing'));
      expect(await run(ports, 'downsample-1m')).toMatchObject({ data: { rows: 200 } });
      expect(await ports.store.listReceipts({ rollup: [2], limit: 11_000 })).toHaveLength(10_000);
    });

    it('because the store is not there, ends the tick', async () => {
      const ports = await failing(new StoreUnavailable('gone'));
      await expect(run(ports, 'downsample-1m')).rejects.toThrow('gone');
      expect(await ports.store.listReceipts({ rollup: [1], limit: 11_000 })).toEqual([]);
    });
  });

  it('does everything once when two ticks run at once', async () => {
    const ports = await testPorts(nowMs);
    await append(ports, ...Array.from({ length: 300 }, (_, s) => sample(s, s % 50)));
    await Promise.all([run(ports, 'downsample-1m'), run(ports, 'downsample-1m'), run(ports, 'downsample-5m')]);
    await Promise.all([run(ports, 'downsample-5m'), run(ports, 'downsample-5m')]);
    expect((await rows(ports, '5m')).map(({ count }) => count)).toEqual([300]);
  });

  it('drops raw days only once they are rolled up and sealed, and keeps 5-minute rows', async () => {
    const ports = await testPorts(nowMs);
    /** Another car reports, which shows that time has really passed. */
    const later = (days: number) =>
      ports.store.append([{ vehicle: 'car-2', samples: [sample(days * 86_400, 10)] }], nowMs + days * day);
    const raw = () => collect(ports.store.readSamples('car-1', 0, Number.MAX_SAFE_INTEGER));
    await append(ports, sample(0, 10));
    ports.setNow(nowMs + 9 * day);
    await run(ports, 'expire');
    expect(await raw()).toHaveLength(1);
    await run(ports, 'downsample-1m');
    await run(ports, 'downsample-5m');
    await run(ports, 'expire');
    expect(await raw()).toHaveLength(1);
    await ports.store.seal('trips', { vehicle: 'car-1', dayMs: Date.UTC(2026, 0, 10) }, 0);
    await run(ports, 'expire');
    expect(await raw()).toHaveLength(1);
    await later(9);
    await run(ports, 'expire');
    expect(await raw()).toEqual([]);
    ports.setNow(nowMs + 800 * day);
    await run(ports, 'expire');
    expect(await rows(ports, '1m')).toHaveLength(1);
    await later(800);
    await run(ports, 'expire');
    expect(await rows(ports, '1m')).toEqual([]);
    expect(await rows(ports, '5m')).toHaveLength(1);
  });

  it('alarms when sealing finds a row that differs, and mends it', async () => {
    const ports = await testPorts(nowMs);
    await append(ports, sample(0, 10));
    const receipts = await ports.store.listReceipts({ limit: 9 });
    // As if a tick had died between writing and marking, and another had marked.
    await ports.store.markReceipts(
      receipts.map(({ id }) => id),
      { rollup: 0 },
    );
    ports.setNow(nowMs + 7 * day);
    await run(ports, 'expire');
    expect(await rows(ports, '1m')).toHaveLength(1);
    expect(ports.counts.get('fleet_seal_differences_total')).toBe(2);
  });

  it('refuses a job it does not know', async () => {
    await expect(run(await testPorts(nowMs), 'mow-the-lawn')).rejects.toThrow(Refusal);
  });
});
