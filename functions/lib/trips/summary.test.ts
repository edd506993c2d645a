import { describe, expect, it } from 'vitest';
import type { Sample } from '../telemetry/sample.ts';
import { defaultRules } from './rules.ts';
import { createSegmenter, type SegmentedTrip } from './segmenter.ts';

const baseMs = Date.UTC(2026, 0, 1);
const sample = (seconds: number, fields: Partial<Sample>): Sample => ({
  timeMs: baseMs + seconds * 1000,
  device: 'main',
  ...fields,
});

function segmented(samples: Sample[]): SegmentedTrip[] {
  const segmenter = createSegmenter('car', defaultRules);
  for (const one of samples) segmenter.add(one);
  segmenter.advance(baseMs + 86_400_000);
  return segmenter.trips();
}

const only = (samples: Sample[]) => segmented(samples)[0] as SegmentedTrip;

describe('the summary of a trip', () => {
  it('splits its time into moving, idling and gap', () => {
    const { trip } = only([
      ...Array.from({ length: 101 }, (_, s) => sample(s, { speedKmh: 50, ignitionOn: true })),
      ...Array.from({ length: 50 }, (_, s) => sample(101 + s, { speedKmh: 0, engineRpm: 800 })),
      sample(151, { speedKmh: 50 }),
      sample(251, { speedKmh: 50 }),
      sample(252, { speedKmh: 0 }),
    ]);
    expect(trip).toMatchObject({ durationS: 252, movingS: 102, idleS: 50, gapS: 100, sampleCount: 154 });
    expect(trip.coverage).toBeCloseTo(152 / 252);
  });

  it('does not count what came after its end', () => {
    const { trip } = only([
      sample(0, { speedKmh: 50, coolantC: 80 }),
      sample(10, { speedKmh: 50, coolantC: 82 }),
      sample(20, { speedKmh: 0, coolantC: 84 }),
      sample(60, { speedKmh: 0, coolantC: 99 }),
    ]);
    expect(trip).toMatchObject({ durationS: 20, sampleCount: 3, endedBy: 'stop', micro: true });
    expect(trip.extrema.coolantC).toEqual({ min: 80, max: 84 });
  });

  it('says whether fuel was measured or estimated', () => {
    const hour = (fields: Partial<Sample>) =>
      Array.from({ length: 361 }, (_, i) => sample(i * 10, { speedKmh: 50, ...fields }));
    expect(only(hour({ fuelRateLph: 6, fuelRateEstimateLph: 9 })).trip).toMatchObject({
      fuelL: expect.closeTo(6),
      fuelMethod: 'measured',
    });
    expect(only(hour({ fuelRateEstimateLph: 9 })).trip).toMatchObject({
      fuelL: expect.closeTo(9),
      fuelMethod: 'estimated',
    });
    expect(only(hour({})).trip).toMatchObject({ fuelL: null, fuelMethod: null });
  });

  it('finds harsh events at 1 Hz and joins the moments of one braking', () => {
    const speeds = [50, 50, 35, 20, 5, 3, 3, 20, 40, 41];
    const { trip, harsh } = only(speeds.map((speedKmh, s) => sample(s, { speedKmh })));
    expect(trip).toMatchObject({ harshBrakings: 1, harshAccelerations: 1 });
    expect(harsh.map(({ timeMs }) => (timeMs - baseMs) / 1000)).toEqual([2, 7]);
    expect(only(speeds.map((speedKmh, s) => sample(s * 2, { speedKmh }))).harsh).toEqual([]);
  });

  it('keeps devices apart when it measures distance', () => {
    const both = Array.from({ length: 601 }, (_, s) => [
      sample(s, { device: 'dongle', speedKmh: 72 }),
      sample(s, { device: 'phone', gpsSpeedKmh: 70, latitude: 53 + (s * 20) / 111_195, longitude: 9.001 }),
    ]).flat();
    const { trip } = only(both);
    expect(trip.distanceMethod).toBe('obd');
    expect(trip.distances.obdKm).toBeCloseTo(12, 1);
    expect(trip.distances.haversineKm).toBeCloseTo(12, 1);
  });
});
