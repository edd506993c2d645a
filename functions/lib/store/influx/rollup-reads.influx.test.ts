import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Influxd, startInfluxd } from '../testing/influxd.ts';
import { createChanges } from './changes.ts';
import { type Client, createClient } from './client.ts';
import { createRollups } from './rollups.ts';
import { createSampleReads } from './samples.ts';
import { createLocks } from './slots.ts';

const vehicles = 10;
const hours = 2;
const minuteMs = 60_000;
const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 30 * 3_600_000;

let influxd: Influxd;
let client: Client;
/** Rows that InfluxDB answered, by query. */
let answered: number[] = [];
beforeAll(async () => {
  influxd = await startInfluxd();
  const real = createClient(await influxd.newOrg());
  client = {
    ...real,
    async query(query, read) {
      const rows = await real.query(query, read);
      answered.push(rows.length);
      return rows;
    },
  };
  for (let minute = 0; minute < hours * 60; minute++) {
    const lines = Array.from({ length: vehicles * 60 }, (_, i) => {
      const timeMs = startMs + minute * minuteMs + Math.floor(i / vehicles) * 1_000;
      return `sample,vehicle=car-${i % vehicles},device=main present=true,speedKmh=${minute},coolantC=88 ${timeMs}000000`;
    });
    await client.write('telemetry_raw', lines);
  }
});
afterAll(async () => {
  client?.close();
  await influxd?.dispose();
});

it('reads no more for a changed window than the samples of that window', async () => {
  const rollups = createRollups(client, createSampleReads(client), createChanges(client), createLocks());
  const windowMs = startMs + 33 * minuteMs;
  answered = [];
  expect(await rollups.rollUp('1m', 'car-3', windowMs + 5_000, windowMs + 6_000)).toEqual({ rows: 1, changed: 1 });
  expect(Math.max(...answered)).toBe(60);
  expect(answered.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(65);
});
