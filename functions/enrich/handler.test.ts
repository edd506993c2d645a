import { describe, expect, it } from 'vitest';
import { Refusal } from '../lib/ports.ts';
import { collect } from '../lib/store/derive.ts';
import { changed, testPorts } from '../lib/store/testing/test-ports.ts';
import { eventTypes } from '../lib/telemetry/events.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { handle } from './handler.ts';

const nowMs = Date.UTC(2026, 0, 10, 12);
const sample = (seconds: number, fields: Partial<Sample>): Sample => ({
  timeMs: nowMs + seconds * 1000,
  device: 'main',
  ...fields,
});
const context = { state: undefined };

async function setUp(...samples: Sample[]) {
  const ports = await testPorts(nowMs);
  await ports.store.append([{ vehicle: 'car-1', samples }], nowMs);
  const enrich = (fromS: number, toS: number) =>
    handle(context, changed(eventTypes.accepted, 'car-1', nowMs + fromS * 1000, nowMs + toS * 1000), ports);
  const stored = () => collect(ports.store.readSamples('car-1', 0, Number.MAX_SAFE_INTEGER));
  return { ports, enrich, stored };
}

describe('enrich', () => {
  it('decodes into the same rows, marks the receipts, and replies with what it enriched', async () => {
    const { ports, enrich, stored } = await setUp(sample(0, { obd: ['41 0D 32'] }), sample(1, { speedKmh: 40 }));
    const reply = await enrich(0, 1);
    expect(reply).toMatchObject({
      type: eventTypes.enriched,
      subject: 'car-1',
      data: { fromMs: nowMs, toMs: nowMs + 1000 },
    });
    expect(await stored()).toMatchObject([{ speedKmh: 50 }, { speedKmh: 40 }]);
    expect(await ports.store.listReceipts({ limit: 9 })).toMatchObject([{ pending: 1, rollup: 2 }]);
  });

  it('does the whole receipt although an event tells only of its part', async () => {
    const { ports, enrich, stored } = await setUp(sample(0, { obd: ['41 0D 32'] }), sample(9, { obd: ['41 0D 33'] }));
    expect(await enrich(0, 0)).toMatchObject({ data: { toMs: nowMs + 9000 } });
    expect(await stored()).toMatchObject([{ speedKmh: 50 }, { speedKmh: 51 }]);
    expect(await ports.store.countReceipts()).toMatchObject({ pending: 1 });
  });

  it('gives samples that a late replay changes a receipt of their own', async () => {
    const { ports, enrich } = await setUp(sample(0, { obd: ['41 0D 32'] }));
    const [receipt] = await ports.store.listReceipts({ limit: 1 });
    await ports.store.markReceipts([receipt?.id as string], { pending: 0, rollup: 0 });
    await enrich(0, 0);
    expect(await ports.store.listReceipts({ pending: [1], limit: 9 })).toMatchObject([{ rollup: 2, count: 1 }]);
    await enrich(0, 0);
    expect(await ports.store.listReceipts({ limit: 9 })).toHaveLength(2);
  });

  it('alerts on codes set and cleared, the same whatever order the readings come in', async () => {
    const readings = [sample(0, { dtc: ['P0133'] }), sample(10, { dtc: ['P0133', 'P0420'] }), sample(20, { dtc: [] })];
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 99 };
    const results: unknown[] = [];
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const ports = await testPorts(nowMs);
      for (const i of order) {
        const one = readings[i] as Sample;
        await ports.store.append([{ vehicle: 'car-1', samples: [one] }], nowMs);
        await handle(context, changed(eventTypes.accepted, 'car-1', one.timeMs, one.timeMs), ports);
      }
      results.push(await ports.store.listAlerts(range));
      expect(ports.published.every(({ type }) => type === eventTypes.alert)).toBe(true);
    }
    expect(results[0]).toHaveLength(4);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('refuses an event whose data is no range, for good', async () => {
    const { ports } = await setUp(sample(0, { speedKmh: 1 }));
    const rubbish = { ...changed(eventTypes.accepted, 'car-1', 0, 0), data: { vehicle: 7 } };
    await expect(handle(context, rubbish, ports)).rejects.toThrow(Refusal);
  });
});
