import { expect, test } from 'vitest';
import { batchBodies, reportedEvents } from './report.ts';

const samples = Array.from({ length: 250 }, (_, second) => ({
  time: new Date(second * 1_000).toISOString(),
  speedKmh: second % 100,
}));

test('samples become events of at most a hundred, with ids of their own and the time of the last sample', () => {
  const events = reportedEvents({ vehicle: 'demo-1', samples, idPrefix: 'x' });
  expect(events.map(({ data }) => data?.samples.length)).toEqual([100, 100, 50]);
  expect(events.map(({ id }) => id)).toEqual(['x:0', 'x:1', 'x:2']);
  expect(events[2]).toMatchObject({
    specversion: '1.0',
    type: 'fleet.telemetry.reported',
    source: '/edge/demo-1',
    subject: 'demo-1',
    time: samples.at(-1)?.time,
  });
  expect(events.flatMap(({ data }) => data?.samples)).toEqual(samples);
});

test('no samples make no event, and no events no batch', () => {
  expect(reportedEvents({ vehicle: 'demo-1', samples: [], idPrefix: 'x' })).toEqual([]);
  expect([...batchBodies([])]).toEqual([]);
});

test('batches are JSON arrays below the size the server takes, and together hold every event', () => {
  const many = Array.from({ length: 300 }, (_, n) =>
    reportedEvents({ vehicle: 'v', samples, idPrefix: `${n}` }),
  ).flat();
  const bodies = [...batchBodies(many)];
  expect(bodies.length).toBeGreaterThan(3);
  for (const body of bodies) expect(body.length).toBeLessThan(1_000_000);
  expect(bodies.flatMap((body) => JSON.parse(body))).toEqual(many);
});
