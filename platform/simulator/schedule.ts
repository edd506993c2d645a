import { type Random, randomFor } from './random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** When a car drives. */
export type Schedule =
  /** Day and night: a drive begins every cycle. The phase spreads the cars of a fleet, so that some always drive. */
  | { kind: 'always'; phaseMs: number }
  /** To work and back, and an errand in the evening, by the clock of central Europe in winter. */
  | { kind: 'office' };

/** A cycle holds a drive of at most 40 minutes and parking of at least 8: 30 cycles make a day. */
export const cycleMs = 48 * minuteMs;
/** So long one way should take, s; lights and short stops come on top. */
export const driveS = { shortest: 24 * 60, longest: 29 * 60 };

/** One drive of a day: out on a route on even numbers, back on odd ones. */
export interface Slot {
  startMs: number;
  /** Which of the car's routes. */
  route: number;
}

/** How many routes a car with this schedule has. */
export function routeCount(schedule: Schedule): number {
  return schedule.kind === 'always' ? 5 : 2;
}

/** Number of the day that holds this instant; a day of a car begins while it is parked. */
export function dayAt(schedule: Schedule, atMs: number): number {
  return Math.floor((atMs - dayStartMs(schedule)) / dayMs);
}

/**
 * The drives of a day, in order of time. Every day goes over the same routes equally often, so that the odometer at
 * the start of any day is known without driving through all days before it.
 */
export function slotsOf(schedule: Schedule, day: number, keys: readonly (string | number)[]): Slot[] {
  const random = randomFor(...keys, 'day', day);
  const startMs = day * dayMs + dayStartMs(schedule);
  return schedule.kind === 'always' ? cycleSlots(startMs, random) : officeSlots(startMs, random);
}

function cycleSlots(startMs: number, random: Random): Slot[] {
  const cycles = dayMs / cycleMs;
  const pairs = Array.from({ length: cycles / 2 }, (_, pair) => pair % 5);
  const order = random.shuffle(pairs);
  return Array.from({ length: cycles }, (_, cycle) => ({
    startMs: startMs + cycle * cycleMs + random.integer(0, 60) * 1_000,
    route: order[cycle >> 1] ?? 0,
  }));
}

/** Hours after 02:00 UTC: out at 7, home from half past four, an errand at six and back at seven. */
const officeHours = [
  { hours: 4, spreadMin: 40, route: 0 },
  { hours: 13.5, spreadMin: 40, route: 0 },
  { hours: 15.5, spreadMin: 20, route: 1 },
  { hours: 16.7, spreadMin: 20, route: 1 },
];

function officeSlots(startMs: number, random: Random): Slot[] {
  return officeHours.map(({ hours, spreadMin, route }) => ({
    startMs: startMs + hours * hourMs + random.integer(0, spreadMin * 60) * 1_000,
    route,
  }));
}

/** When the first day of the epoch begins for a car. */
function dayStartMs(schedule: Schedule): number {
  return schedule.kind === 'always' ? schedule.phaseMs : 2 * hourMs;
}
