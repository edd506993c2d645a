import { rollupColumns } from '../telemetry/columns.ts';
import type { Position } from '../telemetry/position.ts';
import { FuelTally, fuelUsed } from './fuel.ts';
import type { Moment } from './moment.ts';
import type { Rules } from './rules.ts';
import { type Covered, DeviceTrack } from './track.ts';
import { type DerivedTrip, type DistanceMethod, tripId } from './trip.ts';

/** A harsh acceleration (positive) or braking (negative). */
export interface HarshEvent {
  timeMs: number;
  /** Its last harsh moment. */
  untilMs: number;
  mps2: number;
}

const extremaFields = rollupColumns
  .filter((column) => column.rollup !== 'noMean')
  .map((column) => column.name as 'speedKmh');

/** Two brakings have at least so much between them, ms. */
const harshSpacingMs = 3_000;
/** An odometer counts whole hundreds of metres: below this the error would be over 1 %, km. */
const minOdometerKm = 10;
/** Share of the trip that the odometer readings must span, so that what they miss is small. */
const minOdometerSpan = 0.98;
/** A reading of the ignition holds for this long, ms. */
const engineHoldMs = 60_000;

/** What a trip adds up to while its samples go by in order. */
export class Summary {
  readonly #rules: Rules;
  readonly #startMs: number;
  readonly #extrema = new Map<string, { min: number; max: number }>();
  #tracks = new Map<string, DeviceTrack>();
  #measured = new FuelTally();
  #estimated = new FuelTally();
  #harsh: HarshEvent[] = [];
  #odometer: { firstMs: number; firstKm: number; lastMs: number; lastKm: number } | null = null;
  #engine: { timeMs: number; on: boolean } | null = null;
  #speed: { timeMs: number; speedKmh: number } | null = null;
  #startPosition: Position | null = null;
  #endPosition: Position | null = null;
  #lastMs: number;
  #count = 0;
  #movingS = 0;
  #idleS = 0;
  #gapS = 0;
  #maxSpeedKmh = 0;

  constructor(startMs: number, rules: Rules) {
    this.#startMs = startMs;
    this.#lastMs = startMs;
    this.#rules = rules;
  }

  /** The instant of the last sample, ms. */
  get lastMs(): number {
    return this.#lastMs;
  }

  add(moment: Moment): void {
    const { sample, timeMs, speedKmh, position } = moment;
    this.#count++;
    this.#lastMs = timeMs;
    this.#startPosition ??= position;
    this.#endPosition = position ?? this.#endPosition;
    for (const name of extremaFields) widen(this.#extrema, name, sample[name]);
    this.#addOdometer(timeMs, sample.odometerKm);
    this.#measured.add(timeMs, sample.fuelRateLph, this.#rules.gapS);
    this.#estimated.add(timeMs, sample.fuelRateEstimateLph, this.#rules.gapS);
    this.#addTime(timeMs, speedKmh);
    const on = sample.ignitionOn ?? (sample.engineRpm === undefined ? undefined : sample.engineRpm > 0);
    if (on !== undefined) this.#engine = { timeMs, on };
    const track = this.#tracks.get(sample.device) ?? new DeviceTrack();
    this.#tracks.set(sample.device, track);
    this.#addHarsh(timeMs, track.add(moment, sample.speedKmh === 0, this.#rules));
  }

  clone(): Summary {
    const copy = new Summary(this.#startMs, this.#rules);
    for (const [name, range] of this.#extrema) copy.#extrema.set(name, { ...range });
    copy.#tracks = new Map([...this.#tracks].map(([device, track]) => [device, track.clone()]));
    copy.#measured = this.#measured.clone();
    copy.#estimated = this.#estimated.clone();
    copy.#harsh = [...this.#harsh];
    copy.#odometer = this.#odometer && { ...this.#odometer };
    copy.#engine = this.#engine;
    copy.#speed = this.#speed;
    copy.#startPosition = this.#startPosition;
    copy.#endPosition = this.#endPosition;
    copy.#lastMs = this.#lastMs;
    copy.#count = this.#count;
    copy.#movingS = this.#movingS;
    copy.#idleS = this.#idleS;
    copy.#gapS = this.#gapS;
    copy.#maxSpeedKmh = this.#maxSpeedKmh;
    return copy;
  }

  harshEvents(): readonly HarshEvent[] {
    return this.#harsh;
  }

  trip(
    vehicle: string,
    status: 'driving' | 'paused' | 'ended',
    endMs: number,
    endedBy: DerivedTrip['endedBy'],
  ): DerivedTrip {
    const durationS = (endMs - this.#startMs) / 1000;
    const distances = this.#distances();
    const { km: distanceKm, method: distanceMethod } = this.#best(durationS);
    return {
      id: tripId(vehicle, this.#startMs),
      vehicle,
      status,
      startedAt: new Date(this.#startMs).toISOString(),
      endedAt: new Date(endMs).toISOString(),
      endedBy,
      startPosition: this.#startPosition,
      endPosition: this.#endPosition,
      durationS,
      movingS: this.#movingS,
      idleS: this.#idleS,
      gapS: this.#gapS,
      coverage: durationS === 0 ? 1 : 1 - this.#gapS / durationS,
      distanceKm,
      distanceMethod,
      distances,
      avgSpeedKmh: durationS === 0 ? 0 : (distanceKm / durationS) * 3600,
      movingAvgSpeedKmh: this.#movingS === 0 ? 0 : (distanceKm / this.#movingS) * 3600,
      maxSpeedKmh: this.#maxSpeedKmh,
      extrema: Object.fromEntries(this.#extrema),
      ...fuelUsed(this.#measured, this.#estimated),
      harshAccelerations: this.#harsh.filter((event) => event.mps2 > 0).length,
      harshBrakings: this.#harsh.filter((event) => event.mps2 < 0).length,
      sampleCount: this.#count,
      micro: distanceKm * 1000 < this.#rules.microDistanceM || durationS < this.#rules.microDurationS,
    };
  }

  #addTime(timeMs: number, speedKmh: number | null): void {
    if (speedKmh === null) return;
    this.#maxSpeedKmh = Math.max(this.#maxSpeedKmh, speedKmh);
    const last = this.#speed;
    this.#speed = { timeMs, speedKmh };
    if (!last) return;
    const stepS = (timeMs - last.timeMs) / 1000;
    const engineOn = this.#engine?.on && last.timeMs - this.#engine.timeMs <= engineHoldMs;
    if (stepS > this.#rules.gapS) this.#gapS += stepS;
    else if (last.speedKmh >= this.#rules.stopSpeedKmh) this.#movingS += stepS;
    else if (engineOn) this.#idleS += stepS;
  }

  #addOdometer(timeMs: number, km: number | undefined): void {
    if (km === undefined) return;
    this.#odometer ??= { firstMs: timeMs, firstKm: km, lastMs: timeMs, lastKm: km };
    this.#odometer.lastMs = timeMs;
    this.#odometer.lastKm = km;
  }

  /** Harsh moments of one direction within `harshSpacingMs` of the last one are one event, with its strongest moment. */
  #addHarsh(timeMs: number, mps2: number | null): void {
    if (mps2 === null || Math.abs(mps2) < this.#rules.harshMps2) return;
    const at = this.#harsh.findLastIndex((event) => event.mps2 > 0 === mps2 > 0);
    const last = this.#harsh[at];
    if (!last || timeMs - last.untilMs > harshSpacingMs) {
      this.#harsh.push({ timeMs, untilMs: timeMs, mps2 });
      return;
    }
    const stronger = Math.abs(mps2) > Math.abs(last.mps2) ? mps2 : last.mps2;
    this.#harsh[at] = { timeMs: last.timeMs, untilMs: timeMs, mps2: stronger };
  }

  #distances(): DerivedTrip['distances'] {
    const odometer = this.#odometer;
    const kmOf = (kind: 'obd' | 'gps' | 'haversine') => this.#longest(kind)?.km ?? null;
    return {
      odometerKm: odometer && odometer.lastMs > odometer.firstMs ? odometer.lastKm - odometer.firstKm : null,
      obdKm: kmOf('obd'),
      gpsKm: kmOf('gps'),
      haversineKm: kmOf('haversine'),
    };
  }

  /** Of the devices, the one that covers the most. */
  #longest(kind: 'obd' | 'gps' | 'haversine'): Covered | null {
    let best: Covered | null = null;
    for (const [, track] of [...this.#tracks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const covered = track[kind];
      if (covered.coveredS > (best?.coveredS ?? 0)) best = covered;
    }
    return best;
  }

  /** Odometer, ∫ OBD speed, ∫ GPS speed, haversine: the first that covers enough, else what there is. */
  #best(durationS: number): { km: number; method: DistanceMethod } {
    const odometer = this.#odometer;
    if (odometer) {
      const km = odometer.lastKm - odometer.firstKm;
      const spanS = (odometer.lastMs - odometer.firstMs) / 1000;
      if (km >= minOdometerKm && spanS >= minOdometerSpan * durationS) return { km, method: 'odometer' };
    }
    const methods = (['obd', 'gps', 'haversine'] as const).flatMap((method) => {
      const covered = this.#longest(method);
      return covered ? [{ method, ...covered }] : [];
    });
    const enough = (durationS - this.#gapS) / 2;
    const best = methods.find((method) => method.coveredS >= enough) ?? methods[0];
    return best ? { km: best.km, method: best.method } : { km: 0, method: 'none' };
  }
}

function widen(extrema: Map<string, { min: number; max: number }>, name: string, value: number | undefined): void {
  if (value === undefined) return;
  const range = extrema.get(name);
  if (!range) extrema.set(name, { min: value, max: value });
  else if (value < range.min) range.min = value;
  else if (value > range.max) range.max = value;
}
