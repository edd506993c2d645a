import type { Moment } from './moment.ts';
import { cutS, type Rules } from './rules.ts';

/** Where a vehicle stands. `EndTrip` of the source document is the transition `ended`: it is over at once. */
export type TripState = { phase: 'idle' } | DrivingState | PausedState;

interface InTrip {
  startMs: number;
  lastMovingMs: number;
  /** The first sample at rest since the last moving one; null while moving, or silent since a moving sample. */
  restMs: number | null;
  /** Since when the ignition is off at rest. */
  ignitionOffMs: number | null;
}

export interface DrivingState extends InTrip {
  phase: 'driving';
}

export interface PausedState extends InTrip {
  phase: 'paused';
  pausedMs: number;
  by: 'stop' | 'ignition';
}

/** Transitions with the instants they happened at, which may lie before the sample that showed them. */
export type Transition =
  | { kind: 'started' | 'resumed'; atMs: number }
  | { kind: 'paused'; atMs: number }
  | { kind: 'ended'; atMs: number; by: 'stop' | 'ignition' | 'gap' };

export const idle: TripState = { phase: 'idle' };

/**
 * One sample's step of the trip state machine (DESIGN §5). Samples must come in order of time; equal times are fine.
 *
 * @returns the state after the sample and what happened up to and with it, in order
 */
export function step(before: TripState, moment: Moment, rules: Rules): [TripState, Transition[]] {
  const [state, transitions] = advance(before, moment.timeMs, rules);
  const [applied, own] = apply(state, moment, rules);
  // A first sample at rest after a long silence pauses at once.
  const [after, late] = advance(applied, moment.timeMs, rules);
  return [after, [...transitions, ...own, ...late]];
}

/** Time passing without a sample: what is due by `nowMs`, in order. */
export function advance(before: TripState, nowMs: number, rules: Rules): [TripState, Transition[]] {
  let state = before;
  const transitions: Transition[] = [];
  for (;;) {
    const due = nextDue(state, rules);
    if (!due || due.dueMs > nowMs) return [state, transitions];
    state = due.state;
    transitions.push(due.transition);
  }
}

/** The instant at which time alone changes the state; null when it never does. */
export function dueMs(state: TripState, rules: Rules): number | null {
  return nextDue(state, rules)?.dueMs ?? null;
}

/** The end of a trip that stops now: the first sample at rest, or the last moving one where silence followed it. */
export function endMs(state: DrivingState | PausedState, rules: Rules): number {
  const { restMs, lastMovingMs } = state;
  return restMs !== null && restMs - lastMovingMs <= rules.gapS * 1000 ? restMs : lastMovingMs;
}

function apply(state: TripState, { timeMs, speedKmh, sample }: Moment, rules: Rules): [TripState, Transition[]] {
  if (state.phase === 'idle') {
    if (speedKmh === null || speedKmh < rules.startSpeedKmh) return [state, []];
    const started: DrivingState = {
      phase: 'driving',
      startMs: timeMs,
      lastMovingMs: timeMs,
      restMs: null,
      ignitionOffMs: null,
    };
    return [started, [{ kind: 'started', atMs: timeMs }]];
  }
  if (speedKmh !== null && speedKmh >= rules.stopSpeedKmh) {
    const { startMs } = state;
    const moving: DrivingState = { phase: 'driving', startMs, lastMovingMs: timeMs, restMs: null, ignitionOffMs: null };
    return [moving, state.phase === 'paused' ? [{ kind: 'resumed', atMs: timeMs }] : []];
  }
  const restMs = state.restMs ?? (speedKmh === null ? null : timeMs);
  const ignitionOffMs =
    sample.ignitionOn === undefined || restMs === null
      ? state.ignitionOffMs
      : sample.ignitionOn
        ? null
        : (state.ignitionOffMs ?? timeMs);
  return [{ ...state, restMs, ignitionOffMs }, []];
}

interface Due {
  dueMs: number;
  state: TripState;
  transition: Transition;
}

function nextDue(state: TripState, rules: Rules): Due | null {
  if (state.phase === 'idle') return null;
  if (state.phase === 'paused') {
    const endedMs = Math.min(state.pausedMs + rules.resumeWindowS * 1000, state.lastMovingMs + cutS(rules) * 1000);
    return { dueMs: endedMs, state: idle, transition: { kind: 'ended', atMs: endMs(state, rules), by: state.by } };
  }
  if (state.restMs === null) {
    const gapMs = state.lastMovingMs + rules.gapTimeoutS * 1000;
    return { dueMs: gapMs, state: idle, transition: { kind: 'ended', atMs: state.lastMovingMs, by: 'gap' } };
  }
  const stopMs = Math.max(state.lastMovingMs + rules.idleTimeoutS * 1000, state.restMs);
  const offMs = state.ignitionOffMs;
  const offDueMs = offMs === null ? Infinity : offMs + rules.ignitionToggleS * 1000;
  return offMs !== null && offDueMs < stopMs
    ? paused(state, offDueMs, offMs, 'ignition')
    : paused(state, stopMs, stopMs, 'stop');
}

function paused(state: DrivingState, dueMs: number, pausedMs: number, by: 'stop' | 'ignition'): Due {
  return { dueMs, state: { ...state, phase: 'paused', pausedMs, by }, transition: { kind: 'paused', atMs: pausedMs } };
}
