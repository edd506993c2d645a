import type { StoredTrip, VehicleState } from '../lib/store/port.ts';
import type { Position } from '../lib/telemetry/position.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { cutS, type Rules } from '../lib/trips/rules.ts';
import { isoTime, sampleAnswer, type VehicleAnswer } from './answers.ts';

/** A vehicle that was parked is called offline once nothing has come of it for so long, s. */
const parkedOfflineS = 24 * 3_600;
/** A speed is news for so long after the last sample, s: after as much silence a trip pauses (idleTimeoutS). */
const speedHoldsS = 120;

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

/** @param trip its newest one, where its latest samples have no position */
export function vehicleAnswer(
  { vehicle, latest, position }: VehicleState,
  trip: StoredTrip | undefined,
  nowMs: number,
  rules: Rules,
): VehicleAnswer {
  return {
    id: vehicle,
    state: stateOf(latest, nowMs, rules),
    lastSeenAt: latest && isoTime(latest.timeMs),
    latest: latest && sampleAnswer(latest),
    position: position ? located(position, position.timeMs) : endOf(trip),
  };
}

/** How fast it is, for people to read; undefined where nothing tells it, or what told it is no news any more. */
export function currentSpeedKmh({ state, lastSeenAt, latest }: VehicleAnswer, nowMs: number): number | undefined {
  if (state === 'offline' || !lastSeenAt || nowMs - Date.parse(lastSeenAt) > speedHoldsS * 1_000) return undefined;
  return latest?.speedKmh ?? latest?.gpsSpeedKmh;
}

function endOf(trip: StoredTrip | undefined): VehicleAnswer['position'] {
  return trip?.endPosition ? located(trip.endPosition, Date.parse(trip.endedAt)) : null;
}

function located({ latitude, longitude }: Position, timeMs: number): VehicleAnswer['position'] {
  return { latitude, longitude, at: isoTime(timeMs) };
}
