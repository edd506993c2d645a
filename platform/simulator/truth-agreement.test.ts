import { describe, expect, test } from 'vitest';
import { enrichment } from '../../functions/lib/telemetry/enrichment.ts';
import { defaultDevice, type ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { defaultRules } from '../../functions/lib/trips/rules.ts';
import { createSegmenter } from '../../functions/lib/trips/segmenter.ts';
import { defaultBox } from './device.ts';
import { demoCars, officeCars } from './fleet.ts';
import { simulateDay, simulateDrive } from './simulate.ts';

/** The trips that the system derives from what a car reported, once no more samples come. */
function derivedTrips(vehicle: string, samples: readonly ReportedSample[]) {
  const segmenter = createSegmenter(vehicle, defaultRules);
  let lastMs = 0;
  for (const { time, device = defaultDevice, ...fields } of samples) {
    lastMs = Date.parse(time);
    const sample = { timeMs: lastMs, device, ...fields };
    segmenter.add({ ...sample, ...enrichment(sample, 'petrol') });
  }
  segmenter.advance(lastMs + 3_600_000);
  return segmenter.trips().map(({ trip }) => trip);
}

// The truth is computed without the trip code it is to be compared with: where both agree, both are probably right.
describe.each([...demoCars(), ...officeCars(5)])('a day of $vehicle', (car) => {
  const { samples, trips } = simulateDay(car, Date.UTC(2026, 3, 7, 12));
  const derived = derivedTrips(car.vehicle, samples);

  test('the trips found are the true ones, from the same sample to the same sample', () => {
    const bounds = (list: readonly { startedAt: string; endedAt: string }[]) =>
      list.map(({ startedAt, endedAt }) => ({ startedAt, endedAt }));
    expect(bounds(derived)).toEqual(bounds(trips));
  });

  test('distances agree within 1 %, and harsh brakings are counted', () => {
    derived.forEach((trip, index) => {
      const truth = trips[index];
      // A phone's silence and its first positions after a tunnel are bridged, not measured.
      expect(Math.abs(trip.distanceKm / (truth?.distanceKm ?? 0) - 1)).toBeLessThan(0.01);
      expect(trip.harshBrakings).toBe(truth?.harsh.length);
      expect(trip.harshAccelerations).toBe(0);
    });
  });
});

// Lights are red at other times, so the same drive differs from one start to the next.
test('whenever a drive starts, the harsh brakings counted are the true ones', () => {
  for (let start = 0; start < 60; start++) {
    const startMs = Date.UTC(2026, 10, 28, 12, 0, 37 * start);
    const vehicle = `van.${start % 2}`;
    const drive = { seed: 7, vehicle, startMs, kind: 'country', durationS: 600, devices: [defaultBox] } as const;
    const { samples, trips } = simulateDrive({ ...drive, harshBrakes: 6 });
    const counted = derivedTrips(vehicle, samples).map(({ harshBrakings }) => harshBrakings);
    expect(counted, new Date(startMs).toISOString()).toEqual(trips.map(({ harsh }) => harsh.length));
  }
});
