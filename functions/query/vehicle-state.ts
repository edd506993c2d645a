import type { VehicleState } from '../lib/store/port.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { cutS, type Rules } from '../lib/trips/rules.ts';
import { isoTime, sampleAnswer, type VehicleAnswer } from './answers.ts';

/** A vehicle that was parked is called offline once nothing has come of it for so long, s. */
const parkedOfflineS = 24 * 3_600;

/**
 * What a vehicle does as of its latest values, by the trip rules: `moving` (at least stopSpeedKmh), `idle` (at rest,
 * engine on), `parked` (at rest, engine off, or silent since a stop), `offline` (silent although it was moving for
 * longer than a trip would wait for it, or silent for a day).
 */
export function stateOf(latest: Sample | null, nowMs: number, rules: Rules): VehicleAnswer['state'] {
  if (!latest) return 'offline';
  const silentS = (nowMs - latest.timeMs) / 1_000;
  if (silentS > parkedOfflineS) return 'offline';
  const speedKmh = latest.speedKmh ?? latest.gpsSpeedKmh ?? 0;
  const engineOn = latest.ignitionOn ?? (latest.engineRpm ?? 0) > 0;
  if (speedKmh >= rules.stopSpeedKmh && latest.ignitionOn !== false) {
    return silentS > rules.gapTimeoutS ? 'offline' : 'moving';
  }
  return engineOn && silentS <= cutS(rules) ? 'idle' : 'parked';
}

export function vehicleAnswer({ vehicle, latest }: VehicleState, nowMs: number, rules: Rules): VehicleAnswer {
  return {
    id: vehicle,
    state: stateOf(latest, nowMs, rules),
    lastSeenAt: latest && isoTime(latest.timeMs),
    latest: latest && sampleAnswer(latest),
  };
}
