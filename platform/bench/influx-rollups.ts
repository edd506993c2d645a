import { flux, fluxDateTime } from '@influxdata/influxdb-client';
import { collect } from '../../functions/lib/store/derive.ts';
import { type Client, createClient } from '../../functions/lib/store/influx/client.ts';
import { createSampleReads } from '../../functions/lib/store/influx/samples.ts';
import { openInfluxStore } from '../../functions/lib/store/influx.ts';
import type { Influxd } from '../../functions/lib/store/testing/influxd.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface RollupFigures {
  vehicles: number;
  byDays: {
    days: number;
    /** Of one tick: a changed 1-minute window of each vehicle, read, computed, written and checked. */
    tickMs: Spread;
    /** Samples that InfluxDB answered for one window. */
    rowsRead: number;
  }[];
  /** One window of each vehicle, and an hour of windows of one: by our own code and by Flux aggregates, ms. */
  windows: { what: string; ownMs: Spread; fluxMs: Spread }[];
}

const minuteMs = 60_000;
/** A day, less what lets seven of them lie within the retention of the raw bucket. */
const filledMs = 86_000_000 - (86_000_000 % minuteMs);
const ticks = 15;
const linesPerWrite = 5_000;
const fields = ['speedKmh', 'engineRpm', 'coolantC', 'latitude', 'longitude', 'batteryV'] as const;

/** Fills a store with vehicles at 1 Hz, day after day back from now, and measures after some of the days. */
export async function measureRollups(
  influxd: Influxd,
  vehicles: number,
  days: readonly number[],
): Promise<RollupFigures> {
  const org = await influxd.newOrg();
  const client = createClient(org);
  const store = await openInfluxStore(org);
  const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  const byDays: RollupFigures['byDays'] = [];
  let filled = 0;
  for (const day of days) {
    for (; filled < day; filled++) await fillDay(client, vehicles, nowMs - (filled + 1) * filledMs);
    const windowAt = (tick: number) => nowMs - filledMs + 3_600_000 + tick * 7 * minuteMs;
    const tick = async (at: number) => {
      const startedAt = performance.now();
      for (let car = 0; car < vehicles; car++) await store.rollUp('1m', `car-${car}`, at, at + 1);
      return performance.now() - startedAt;
    };
    await tick(windowAt(ticks));
    const spent: number[] = [];
    for (let i = 0; i < ticks; i++) spent.push(await tick(windowAt(i)));
    byDays.push({ days: day, tickMs: spreadOf(spent), ...(await readBy(client, windowAt(0))) });
  }
  const windows = [
    await compareWays('one window', client, store, nowMs - filledMs, minuteMs),
    await compareWays('an hour of windows', client, store, nowMs - filledMs, 60 * minuteMs),
  ];
  await store.close();
  client.close();
  return { vehicles, byDays, windows };
}

async function fillDay(client: Client, vehicles: number, fromMs: number): Promise<void> {
  let lines: string[] = [];
  for (let second = 0; second < filledMs / 1_000; second++) {
    for (let car = 0; car < vehicles; car++) {
      const values = fields.map((name, i) => `${name}=${(second % 60) + i + 0.5}`);
      lines.push(
        `sample,vehicle=car-${car},device=main present=true,${values.join()} ${fromMs + second * 1_000}000000`,
      );
    }
    if (lines.length >= linesPerWrite || second === filledMs / 1_000 - 1) {
      await client.write('telemetry_raw', lines);
      lines = [];
    }
  }
}

/** What the samples' query of a window answers. */
async function readBy(client: Client, fromMs: number): Promise<{ rowsRead: number }> {
  const samples = createSampleReads(client);
  return { rowsRead: (await collect(samples.forward('car-0', fromMs, fromMs + minuteMs - 1))).length };
}

/** What rolling a range of one vehicle up costs, by what `rollUp` does and by five Flux aggregates of the same. */
async function compareWays(
  what: string,
  client: Client,
  store: Awaited<ReturnType<typeof openInfluxStore>>,
  dayStartMs: number,
  lengthMs: number,
): Promise<RollupFigures['windows'][number]> {
  const [own, byFlux]: [number[], number[]] = [[], []];
  for (let i = 0; i < ticks; i++) {
    const fromMs = dayStartMs + 10 * 3_600_000 + (i % 10) * 3_600_000;
    const startedAt = performance.now();
    await store.rollUp('1m', 'car-0', fromMs, fromMs + lengthMs - 1);
    const between = performance.now();
    await client.query(aggregatesOf(fromMs, lengthMs), () => (values) => values.length);
    own.push(between - startedAt);
    byFlux.push(performance.now() - between);
  }
  return { what, ownMs: spreadOf(own.slice(1)), fluxMs: spreadOf(byFlux.slice(1)) };
}

/** One `from()` for each aggregate, so that each is pushed down (facts); only read: writing would come on top. */
function aggregatesOf(fromMs: number, lengthMs: number) {
  const [start, stop] = [fromMs, fromMs + lengthMs].map((ms) => fluxDateTime(new Date(ms).toISOString()));
  const aggregate = (name: ReturnType<typeof flux>) =>
    flux`from(bucket: "telemetry_raw") |> range(start: ${start}, stop: ${stop})
      |> filter(fn: (r) => r._measurement == "sample" and r.vehicle == "car-0" and r._field != "present")
      |> aggregateWindow(every: 1m, fn: ${name}, createEmpty: false, timeSrc: "_start")`;
  return flux`${aggregate(flux`count`)} |> yield(name: "count")
    ${aggregate(flux`sum`)} |> yield(name: "sum")
    ${aggregate(flux`min`)} |> yield(name: "min")
    ${aggregate(flux`max`)} |> yield(name: "max")
    ${aggregate(flux`last`)} |> yield(name: "last")`;
}
