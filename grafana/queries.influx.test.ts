import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boards } from './boards.ts';
import { columnName } from './parts/flux.ts';
import { ask, type Frame } from './testing/ask.ts';
import { type Choice, defaultPoints, interpolate } from './testing/interpolate.ts';
import { cars, type Loaded, loadInflux, stuckCar } from './testing/loaded.ts';
import { type BoardQuery, queriesOf } from './testing/queries.ts';

const nowMs = Date.now();
const hourMs = 3_600_000;
/** Six hours are read from samples, thirty from 1-minute rows, six days from 5-minute rows. */
const rangesH = [6, 30, 144];

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadInflux(nowMs);
}, 300_000);
afterAll(() => loaded?.dispose());

/** All but those that read Prometheus. */
const readers = Object.entries(boards).filter(([, make]) => queriesOf(make()).length > 0);

describe.each(readers)('%s', (_, make) => {
  const dashboard = make();
  for (const query of queriesOf(dashboard)) {
    it(`${query.of} answers with its columns, over hours and days`, async () => {
      for (const hours of rangesH) await expectAnswer(query, dashboard, choose(dashboard, hours));
    });
  }

  if (!isMulti(dashboard)) return;
  it('says of one chosen vehicle what it says of it among all', async () => {
    const all = choose(dashboard, 6);
    for (const query of queriesOf(dashboard)) {
      if (!query.flux.includes('vehicle:') || !query.columns.includes('vehicle')) continue;
      const vehiclesOf = async (vehicle: string) => {
        const frames = await run(query, dashboard, { ...all, variables: { ...all.variables, vehicle } });
        return frames.flatMap(({ rows }) => rows.map((row) => row.vehicle));
      };
      const among = (await vehiclesOf('All')).filter((vehicle) => vehicle === cars[0]);
      expect(await vehiclesOf(cars[0]), query.of).toEqual(among);
    }
  });
});

describe('what they show is what was driven', () => {
  it('the vehicles that reported', async () => {
    for (const [name, wanted] of [
      ['1-fleet-now', [...cars, stuckCar]],
      ['3-trips', cars],
    ] as const) {
      const [frame] = await answerOf(name, 'variable "vehicle"');
      expect(frame?.rows.map((row) => row._value).sort()).toEqual([...wanted].sort());
    }
  });

  it('trips, their kilometres and harsh events', async () => {
    const truth = Object.values(loaded.drives).flatMap(({ trips }) => trips);
    const [row] = await rowsOf('3-trips', 'panel "In this range"');
    expect(Number(row?.trips)).toBe(truth.length);
    const trueKm = truth.reduce((sum, { distanceKm }) => sum + distanceKm, 0);
    expect(Math.abs(Number(row?.distanceKm) / trueKm - 1)).toBeLessThan(0.02);
    expect(Number(row?.harsh)).toBe(truth.reduce((sum, { harsh }) => sum + harsh.length, 0));
    const events = await rowsOf('6-driving', 'panel "Harsh events"');
    expect(events.length).toBe(Number(row?.harsh));
    const list = await rowsOf('3-trips', 'panel "Trips"');
    expect(list.map(({ vehicle }) => vehicle).sort()).toEqual([...cars].sort());
  });

  it('a trip opens with its vehicle and a range that holds it', async () => {
    const [row] = await rowsOf('3-trips', 'panel "Trips"');
    const choice = { fromMs: Number(row?.fromMs), toMs: Number(row?.toMs), midnightMs: 0 };
    const dashboard = boards['4-trip-detail']?.() as Dashboard;
    const query = queriesOf(dashboard).find(({ of }) => of === 'panel "Trip"') as BoardQuery;
    const variables = { vehicle: row?.vehicle as string };
    const [detail] = (await run(query, dashboard, { ...choice, variables })).flatMap(({ rows }) => rows);
    expect(detail?.distanceKm).toBe(row?.distanceKm);
  });

  it('the codes that are set, and not those that were cleared', async () => {
    const rows = await rowsOf('1-fleet-now', 'panel "Trouble codes now"');
    expect(rows.map(({ troubleCode }) => troubleCode)).toEqual(['P0420', 'P0420']);
  });

  it('vehicles by state, each counted once', async () => {
    const [row] = await rowsOf('1-fleet-now', 'panel "Vehicles by state"');
    expect(row).toEqual({ moving: '0', idle: '0', parked: '3', offline: '0' });
  });

  it('what waits, what came twice and what could not be processed', async () => {
    expect(await rowsOf('8-pipeline', 'panel "Waiting now"')).toMatchObject([{ pending: '1', unrolled: '1' }]);
    expect(await rowsOf('8-pipeline', 'panel "Must be 0"')).toEqual([{ deadLetters: '1', sealDifferences: '0' }]);
    const [twice] = await rowsOf('8-pipeline', 'panel "Came twice"');
    const samples = Object.values(loaded.drives).reduce((sum, drive) => sum + drive.samples.length, 1);
    expect(Number(twice?.stored)).toBe(samples);
    expect(Number(twice?.received)).toBeGreaterThan(samples);
    const [late] = await rowsOf('8-pipeline', 'panel "Came late"');
    expect(Number(late?.latePct)).toBeGreaterThan(99);
  });
});

async function expectAnswer(query: BoardQuery, dashboard: Dashboard, choice: Choice): Promise<void> {
  const frames = await run(query, dashboard, choice);
  const rows = frames.flatMap((frame) => frame.rows);
  expect(rows.length, 'rows').toBeGreaterThan(0);
  const promised = query.columns.map(columnName);
  const certain = query.columns.filter((column) => !column.endsWith('?'));
  for (const { columns, rows: ofFrame } of frames) {
    expect(
      columns.filter((column) => !promised.includes(column)),
      'columns that nobody asked for',
    ).toEqual([]);
    expect(columns).toEqual(expect.arrayContaining(certain));
    // Grafana cuts a frame off there.
    expect(ofFrame.length).toBeLessThanOrEqual(1.5 * (query.panel.maxDataPoints ?? defaultPoints));
  }
  const empty = certain.filter((column) => rows.every((row) => row[column] === ''));
  expect(empty, 'columns without a value').toEqual([]);
  if (query.series?.length) expect(new Set(rows.map((row) => row._field))).toEqual(new Set(query.series));
}

const isMulti = ({ templating }: Dashboard): boolean =>
  templating.list?.find(({ name }) => name === 'vehicle')?.multi === true;

function choose(dashboard: Dashboard, hours: number): Choice {
  return {
    fromMs: nowMs - hours * hourMs,
    toMs: nowMs,
    // A browser whose day is five hours old, so that the test does not depend on the time of day.
    midnightMs: nowMs - 5 * hourMs,
    variables: { vehicle: isMulti(dashboard) ? 'All' : cars[0], zone: 'Europe/Berlin' },
  };
}

const run = ({ flux, panel }: BoardQuery, dashboard: Dashboard, choice: Choice): Promise<Frame[]> =>
  ask(loaded.org, interpolate(flux, dashboard, panel, choice));

async function answerOf(name: string, of: string): Promise<Frame[]> {
  const dashboard = boards[name]?.() as Dashboard;
  const query = queriesOf(dashboard).find((one) => one.of === of) as BoardQuery;
  return run(query, dashboard, choose(dashboard, 6));
}

const rowsOf = async (name: string, of: string) => (await answerOf(name, of)).flatMap(({ rows }) => rows);
