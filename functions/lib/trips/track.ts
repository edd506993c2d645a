import type { Position } from '../telemetry/position.ts';
import { haversineM } from './distance.ts';
import type { Moment } from './moment.ts';
import type { Rules } from './rules.ts';

/** Distance by one method: kilometres and for how many seconds samples were dense enough to vouch for them. */
export interface Covered {
  km: number;
  coveredS: number;
}

/** Positions refused in a row after which the last accepted one is the outlier, not they. */
const maxRefused = 3;

/**
 * What one device of a trip says about distance. Devices are kept apart, because two receivers beside each other would
 * turn their offset into distance.
 */
export class DeviceTrack {
  readonly obd: Covered = { km: 0, coveredS: 0 };
  readonly gps: Covered = { km: 0, coveredS: 0 };
  readonly haversine: Covered = { km: 0, coveredS: 0 };
  #speeds: Record<'obd' | 'gps', { timeMs: number; speedKmh: number; position: Position | null } | null> = {
    obd: null,
    gps: null,
  };
  #place: { timeMs: number; position: Position } | null = null;
  #refused = 0;

  /**
   * @param stationary the OBD speed is 0: the position is held, since whatever moves is noise
   * @returns acceleration in m/s² between the last two speeds of a kind at ≥ 1 Hz, if they were that
   */
  add(moment: Moment, stationary: boolean, rules: Rules): number | null {
    const { speedKmh, gpsSpeedKmh } = moment.sample;
    this.#move(moment, stationary, rules);
    const byObd = speedKmh === undefined ? null : this.#integrate('obd', speedKmh, moment, rules);
    const byGps = gpsSpeedKmh === undefined ? null : this.#integrate('gps', gpsSpeedKmh, moment, rules);
    return byObd ?? byGps;
  }

  clone(): DeviceTrack {
    const copy = new DeviceTrack();
    Object.assign(copy.obd, this.obd);
    Object.assign(copy.gps, this.gps);
    Object.assign(copy.haversine, this.haversine);
    copy.#speeds = { ...this.#speeds };
    copy.#place = this.#place;
    copy.#refused = this.#refused;
    return copy;
  }

  /** Trapezoid over steps up to `maxStepS`; a longer step is bridged by the straight line where positions are known. */
  #integrate(kind: 'obd' | 'gps', speedKmh: number, { timeMs, position }: Moment, rules: Rules): number | null {
    const last = this.#speeds[kind];
    this.#speeds[kind] = { timeMs, speedKmh, position };
    if (!last) return null;
    const stepS = (timeMs - last.timeMs) / 1000;
    const trapezoidKm = (((last.speedKmh + speedKmh) / 2) * stepS) / 3600;
    if (stepS <= rules.maxStepS) {
      this[kind].km += trapezoidKm;
      this[kind].coveredS += stepS;
    } else if (last.position && position) {
      this[kind].km += plausibleM(haversineM(last.position, position), stepS, rules) / 1000;
    } else if (stepS <= rules.gapS) {
      this[kind].km += trapezoidKm;
    }
    // "Harsh" needs at least 1 Hz; below 0.2 s the quantisation of OBD speed (1 km/h) is over the limit by itself.
    return stepS >= 0.2 && stepS <= 1.05 ? (speedKmh - last.speedKmh) / 3.6 / stepS : null;
  }

  #move({ timeMs, position }: Moment, stationary: boolean, rules: Rules): void {
    if (!position) return;
    const last = this.#place;
    if (!last) {
      this.#place = { timeMs, position };
      return;
    }
    if (stationary) {
      this.#place = { timeMs, position: last.position };
      return;
    }
    const stepS = (timeMs - last.timeMs) / 1000;
    const moveM = haversineM(last.position, position);
    if (moveM < rules.minMoveM) return;
    if (plausibleM(moveM, stepS, rules) === 0 && this.#refused < maxRefused) {
      this.#refused++;
      return;
    }
    if (this.#refused < maxRefused) {
      this.haversine.km += moveM / 1000;
      this.haversine.coveredS += stepS;
    }
    this.#refused = 0;
    this.#place = { timeMs, position };
  }
}

/** The metres of a move, or 0 if they imply an impossible speed. */
function plausibleM(moveM: number, stepS: number, rules: Rules): number {
  return moveM * 3.6 <= rules.maxImpliedSpeedKmh * stepS ? moveM : 0;
}
