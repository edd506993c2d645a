import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ReportedSample, reportedSampleSchema } from '../../functions/lib/telemetry/sample.ts';
import { recordedDrives } from './recorded-drives.ts';
import type { ReportedEvent } from './report.ts';

const folder = new URL('../../fixtures/drives/', import.meta.url);
const files = recordedDrives();

test('the files in fixtures/drives are what the script writes (else run platform/simulator/write-fixtures.ts)', () => {
  expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(new URL(name, folder), 'utf8') === text, name).toBe(true);
});

describe.each(['town', 'commute', 'motorway-raw'])('%s', (name) => {
  const events: ReportedEvent[] = JSON.parse(files.get(`${name}.json`) ?? '[]');
  const truth = JSON.parse(files.get(`${name}.truth.json`) ?? '{}');
  const samples = events.flatMap(({ data }): ReportedSample[] => data?.samples ?? []);

  test('is small, valid, in order, and counted rightly', () => {
    expect(files.get(`${name}.json`)?.length).toBeLessThan(400_000);
    expect(samples.every((sample) => reportedSampleSchema.safeParse(sample).success)).toBe(true);
    expect(samples.map(({ time }) => time)).toEqual(samples.map(({ time }) => time).sort());
    expect(samples.length).toBe(truth.samples);
    expect(new Set(events.map(({ subject }) => subject))).toEqual(new Set([truth.vehicle]));
  });
});

test('each drive has in it what it is there for', () => {
  const truth = (name: string) => JSON.parse(files.get(`${name}.truth.json`) ?? '{}');
  expect(truth('town').trips).toHaveLength(1);
  expect(truth('town').trips[0].harsh).toHaveLength(1);
  expect(truth('commute').trips).toHaveLength(2);
  expect(truth('motorway-raw').trips[0].codes).toEqual(['P0133']);
  expect(files.get('motorway-raw.json')).toContain('"41 0D ');
  const commute: ReportedEvent[] = JSON.parse(files.get('commute.json') ?? '[]');
  const blind = commute.flatMap(({ data }) => data?.samples ?? []).filter((s) => s.latitude === undefined);
  expect(blind.filter(({ speedKmh }) => (speedKmh ?? 0) > 50).length).toBeGreaterThan(15);
});
