import { describe, expect, it } from 'vitest';
import type { Sample } from '../telemetry/sample.ts';
import { haversineM } from './distance.ts';
import { defaultRules } from './rules.ts';
import { createSegmenter } from './segmenter.ts';
import type { DerivedTrip } from './trip.ts';

const baseMs = Date.UTC(2026, 0, 1);

/** Once around a circle of 2 km radius at constant speed; km along it is 2π·2. */
function circle(
  speedKmh: number,
  fields: (s: { speedKmh: number; km: number; latitude: number; longitude: number }) => Partial<Sample>,
) {
  const radiusKm = 2;
  const lengthKm = 2 * Math.PI * radiusKm;
  const seconds = Math.round((lengthKm / speedKmh) * 3600);
  const samples: Sample[] = [];
  for (let s = 0; s <= seconds; s++) {
    const km = (speedKmh / 3600) * s;
    const angle = km / radiusKm;
    const latitude = 53 + (radiusKm * Math.sin(angle)) / 111.195;
    const longitude = 9 + (radiusKm * Math.cos(angle)) / (111.195 * Math.cos((53 * Math.PI) / 180));
    samples.push({ timeMs: baseMs + s * 1000, device: 'main', ...fields({ speedKmh, km, latitude, longitude }) });
  }
  return { lengthKm, samples };
}

function tripOf(samples: Sample[]): DerivedTrip {
  const segmenter = createSegmenter('car', defaultRules);
  for (const sample of samples) segmenter.add(sample);
  segmenter.advance(baseMs + 86_400_000);
  const [only] = segmenter.trips();
  return only?.trip as DerivedTrip;
}

describe('distance', () => {
  it('is 111.195 km for a degree of latitude', () => {
    expect(haversineM({ latitude: 53, longitude: 9 }, { latitude: 54, longitude: 9 })).toBeCloseTo(111_195, 0);
  });

  it('agrees by every method within 1 % on a circle', () => {
    const { lengthKm, samples } = circle(60, ({ speedKmh, km, latitude, longitude }) => ({
      speedKmh,
      gpsSpeedKmh: speedKmh,
      latitude,
      longitude,
      odometerKm: Math.floor((1000 + km) * 10) / 10,
    }));
    const { distances, distanceMethod, distanceKm } = tripOf(samples);
    for (const km of Object.values(distances)) expect(Math.abs((km ?? 0) / lengthKm - 1)).toBeLessThan(0.01);
    expect(distanceMethod).toBe('odometer');
    expect(distanceKm).toBe(distances.odometerKm);
  });

  it('falls back from odometer over OBD and GPS speed to positions', () => {
    const method = (fields: Parameters<typeof circle>[1]) => tripOf(circle(60, fields).samples).distanceMethod;
    expect(
      method(({ speedKmh, latitude, longitude }) => ({ speedKmh, gpsSpeedKmh: speedKmh, latitude, longitude })),
    ).toBe('obd');
    expect(method(({ speedKmh, latitude, longitude }) => ({ gpsSpeedKmh: speedKmh, latitude, longitude }))).toBe('gps');
    expect(method(({ latitude, longitude }) => ({ latitude, longitude }))).toBe('haversine');
  });

  it('holds the position while the car stands, and ignores impossible jumps', () => {
    const standing = circle(60, ({ speedKmh, latitude, longitude }) => ({ speedKmh, latitude, longitude })).samples;
    const last = standing.at(-1) as Sample;
    const there = tripOf(standing).distances.haversineKm as number;
    const jittering = Array.from({ length: 60 }, (_, i) => ({
      ...last,
      timeMs: last.timeMs + (i + 1) * 1000,
      speedKmh: 0,
      latitude: (last.latitude as number) + (i % 2) * 0.0002,
    }));
    const moved = { ...(standing[300] as Sample), latitude: 54 };
    const jumped = [...standing.slice(0, 300), moved, ...standing.slice(301), ...jittering];
    expect(tripOf(jumped).distances.haversineKm).toBeCloseTo(there, 1);
  });

  it('bridges a tunnel by the straight line between known positions', () => {
    const { samples } = circle(60, ({ speedKmh, latitude, longitude }) => ({ speedKmh, latitude, longitude }));
    const whole = tripOf(samples).distanceKm;
    const gapped = tripOf([...samples.slice(0, 200), ...samples.slice(290)]);
    expect(Math.abs(gapped.distanceKm / whole - 1)).toBeLessThan(0.02);
    expect(gapped.gapS).toBe(91);
    expect(gapped.coverage).toBeLessThan(1);
  });
});
