import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import type { Random } from './random.ts';
import { rounded } from './rounded.ts';
import type { VehicleState } from './vehicle-state.ts';

type GpsFields = Pick<
  ReportedSample,
  'latitude' | 'longitude' | 'gpsAccuracyM' | 'headingDeg' | 'altitudeM' | 'gpsSpeedKmh'
>;

/** Deviation of a position in each direction, m; 3 m is what a phone under open sky has. */
const deviationM = 2.2;
/** The error wanders and does not jump: it is correlated over this time, s. */
const correlationS = 40;
/** After a time without satellites the first position comes so late, s, and is this inaccurate, m. */
const reacquireS = 4;
const firstAccuracyM = 25;
/** Slower than this, receivers show standstill and no course, m/s. */
const standstillMps = 0.5;
const metresPerDegree = 111_195;

/**
 * A receiver: asked sample by sample in order of time, it answers position and speed, or nothing where it sees no
 * sky.
 */
export function createGps(random: Random): (state: VehicleState, covered: boolean) => GpsFields | undefined {
  let eastM = deviationM * random.normal();
  let northM = deviationM * random.normal();
  let lastMs: number | undefined;
  let coveredMs: number | undefined;

  return (state, covered) => {
    // A first-order Gauss–Markov process: whatever the interval, the deviation stays the same.
    const stepS = lastMs === undefined ? 0 : (state.atMs - lastMs) / 1_000;
    const keep = Math.exp(-stepS / correlationS);
    const add = deviationM * Math.sqrt(1 - keep ** 2);
    eastM = keep * eastM + add * random.normal();
    northM = keep * northM + add * random.normal();
    lastMs = state.atMs;

    if (covered || coveredMs === undefined) coveredMs = state.atMs;
    const seenS = (state.atMs - coveredMs) / 1_000;
    if (seenS < reacquireS) return undefined;
    const moving = state.speedMps > standstillMps;
    const metresPerDegreeEast = metresPerDegree * Math.cos((state.latitude * Math.PI) / 180);
    return {
      latitude: rounded(state.latitude + northM / metresPerDegree, 6),
      longitude: rounded(state.longitude + eastM / metresPerDegreeEast, 6),
      gpsAccuracyM: rounded(4 + 0.4 * random.normal() + firstAccuracyM * Math.exp(-seenS / 10), 1),
      altitudeM: rounded(state.altitudeM + 1.5 * random.normal(), 0),
      gpsSpeedKmh: moving ? rounded(Math.max(0, state.speedMps * 3.6 + 0.3 * random.normal()), 1) : 0,
      ...(moving && { headingDeg: rounded((state.headingDeg + 1.5 * random.normal() + 360) % 360, 0) }),
    };
  };
}
