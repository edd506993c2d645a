import { expect, test } from 'vitest';
import { post, rollups, samples, status, trips } from '../client.ts';
import { recordedDrive, truthOf } from '../drives.ts';
import { batchesOf } from '../events.ts';
import { kubectl } from '../kubectl.ts';
import { eventually } from '../program.ts';
import { settled } from '../settled.ts';
import { asleep, awake, openFleet, patienceMs } from './fleet.ts';

/** A tick comes every five minutes; then rolling up takes its time, ms. */
const tickMs = 300_000 + 120_000;

test('everything of the fleet is Ready', async () => {
  const kinds = 'services.serving.knative.dev,brokers,triggers,pingsources';
  const line = '{.kind} {.metadata.name} {.status.conditions[?(@.type=="Ready")].status}';
  const text = await kubectl(['-n', 'fleet', 'get', kinds, '-o', `jsonpath={range .items[*]}${line}{"\\n"}{end}`]);
  const lines = text.trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(6 + 1 + 7 + 4);
  expect(lines.filter((one) => !one.endsWith(' True'))).toEqual([]);
});

test('a drive wakes the functions from zero, and is stored, a trip, and rolled up at a tick; then all sleep again', {
  timeout: 2 * patienceMs + 2 * tickMs,
}, async () => {
  const fleet = await openFleet();
  const [vehicle, drive] = [`e2e-${Date.now().toString(36)}`, recordedDrive('town')];
  const before = (await status(fleet)).deadLetters;
  await asleep();

  for (const batch of batchesOf(vehicle, drive, 300)) {
    const answer = await post(fleet, fleet.token, batch);
    expect([answer.status, await answer.text()]).toEqual([202, expect.stringContaining('receipt')]);
    expect(await awake()).toContain('ingest');
  }
  expect((await samples(fleet, vehicle)).map(({ time }) => time)).toEqual(drive.map(({ time }) => time));

  await settled(fleet, patienceMs);
  const [truth] = truthOf('town').trips;
  const [trip, ...others] = await trips(fleet, vehicle);
  expect([trip?.sampleCount, others]).toEqual([truth?.samples, []]);
  expect(Math.abs((trip?.distanceKm ?? 0) / (truth?.distanceKm ?? 0) - 1)).toBeLessThan(0.02);

  const rolledUp = async () => (await rollups(fleet, vehicle, '5m')).length > 0 || undefined;
  await eventually('rows of 5 minutes after a tick', rolledUp, { withinMs: tickMs, everyMs: 5_000 });
  expect((await status(fleet)).deadLetters).toBe(before);
  await asleep();
});
