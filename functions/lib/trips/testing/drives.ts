import fc from 'fast-check';
import type { Sample } from '../../telemetry/sample.ts';

/** 2026-01-01T00:00:00Z, ms. */
export const baseMs = Date.UTC(2026, 0, 1);

const stretch = fc.record({
  /** What the car does, km/h around which speeds lie; null: nothing is heard. */
  kind: fc.constantFrom('drive', 'crawl', 'rest', 'off', 'silence', 'mute'),
  samples: fc.integer({ min: 1, max: 12 }),
  stepS: fc.constantFrom(1, 5, 10, 30, 59, 61, 119, 120, 121, 180, 300),
});

/**
 * Samples of a car in no particular order of behaviour: driving, crawling around the thresholds, resting with the engine on
 * or off, silent for up to an hour, or reporting without a speed; by one or two devices. In order of (time, device).
 */
export const driveArbitrary: fc.Arbitrary<Sample[]> = fc
  .tuple(fc.array(stretch, { minLength: 1, maxLength: 14 }), fc.infiniteStream(fc.integer({ min: 0, max: 999 })))
  .map(([stretches, noise]) => {
    const samples: Sample[] = [];
    let timeMs = baseMs;
    let metres = 0;
    const next = () => (noise.next().value as number) / 1000;
    for (const { kind, samples: count, stepS } of stretches) {
      if (kind === 'silence') {
        timeMs += count * stepS * 1000;
        continue;
      }
      for (let i = 0; i < count; i++) {
        timeMs += stepS * 1000;
        const speedKmh = { drive: 20 + 80 * next(), crawl: 2 + 4 * next(), rest: 0, off: 0, mute: 50 }[kind];
        metres += (speedKmh / 3.6) * stepS;
        const device = next() < 0.8 ? 'a' : 'b';
        samples.push({
          timeMs,
          device,
          ...sensors(kind, speedKmh, next()),
          latitude: 53 + metres / 111_195,
          longitude: 9,
          ...(next() < 0.5 && { engineRpm: kind === 'off' ? 0 : 900, ignitionOn: kind !== 'off' }),
        });
      }
    }
    return samples;
  });

function sensors(kind: string, speedKmh: number, which: number): Partial<Sample> {
  if (kind === 'mute') return {};
  return which < 0.7 ? { speedKmh: Math.round(speedKmh * 10) / 10 } : { gpsSpeedKmh: speedKmh };
}
