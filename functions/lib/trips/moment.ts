import { type Position, positionOf } from '../telemetry/position.ts';
import type { Sample } from '../telemetry/sample.ts';
import { haversineM } from './distance.ts';
import type { Rules } from './rules.ts';

/** A sample as the trip pass sees it: with the speed that counts and a position that can be trusted. */
export interface Moment {
  timeMs: number;
  sample: Sample;
  /** The first there is of OBD speed, GPS speed, position over time (DESIGN §4); null when nothing tells it. */
  speedKmh: number | null;
  position: Position | null;
}

/** Positions older than this tell no speed; whoever reads a range must read so much before it, ms. */
export const positionLookbackMs = 60_000;

/** Positions closer in time than this give jitter instead of speed, ms: 5 m in 5 s are below stopSpeedKmh's noise. */
const positionBaselineMs = 5_000;

/** Turns samples, fed in order of (time, device), into moments. Needs the last minute's positions and nothing older. */
export function createMoments(rules: Rules): (sample: Sample) => Moment {
  const tracks = new Map<string, { timeMs: number; position: Position }[]>();

  return (sample) => {
    const position = plausiblePosition(sample, rules);
    const speedKmh = sample.speedKmh ?? plausibleGpsSpeed(sample, rules) ?? overTime(sample, position);
    return { timeMs: sample.timeMs, sample, speedKmh, position };
  };

  function overTime({ device, timeMs }: Sample, position: Position | null): number | null {
    if (!position) return null;
    const track = (tracks.get(device) ?? []).filter((point) => timeMs - point.timeMs <= positionLookbackMs);
    tracks.set(device, track);
    const base = track.findLast((point) => timeMs - point.timeMs >= positionBaselineMs);
    track.push({ timeMs, position });
    if (!base) return null;
    const moveM = haversineM(base.position, position);
    if (moveM < rules.minMoveM) return 0;
    const speedKmh = (moveM / ((timeMs - base.timeMs) / 1000)) * 3.6;
    return speedKmh <= rules.maxImpliedSpeedKmh ? speedKmh : null;
  }
}

/** A position that is there, and accurate enough. */
function plausiblePosition(sample: Sample, rules: Rules): Position | null {
  const { gpsAccuracyM } = sample;
  return gpsAccuracyM !== undefined && gpsAccuracyM > rules.maxAccuracyM ? null : positionOf(sample);
}

function plausibleGpsSpeed({ gpsSpeedKmh, gpsAccuracyM }: Sample, rules: Rules): number | undefined {
  return gpsAccuracyM !== undefined && gpsAccuracyM > rules.maxAccuracyM ? undefined : gpsSpeedKmh;
}
