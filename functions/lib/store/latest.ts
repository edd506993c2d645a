import { type LocatedAt, positionOf } from '../telemetry/position.ts';
import type { Sample } from '../telemetry/sample.ts';
import type { VehicleState } from './port.ts';

/** Samples of which the latest values of a vehicle are put together ({@link VehicleState}). */
export const latestDepth = 20;

/** A vehicle as of its latest samples, given newest first. */
export function stateOf(vehicle: string, newestFirst: readonly Sample[]): VehicleState {
  return {
    vehicle,
    latest: newestFirst.length > 0 ? (Object.assign({}, ...newestFirst.toReversed()) as Sample) : null,
    position: latestPosition(newestFirst),
  };
}

function latestPosition(newestFirst: readonly Sample[]): LocatedAt | null {
  for (const sample of newestFirst) {
    const position = positionOf(sample);
    if (position) return { ...position, timeMs: sample.timeMs };
  }
  return null;
}
