import type { Sample } from '../telemetry/sample.ts';
import { advance, dueMs, endMs, idle, step, type Transition, type TripState } from './machine.ts';
import { createMoments, type Moment } from './moment.ts';
import type { Rules } from './rules.ts';
import { type HarshEvent, Summary } from './summary.ts';
import type { DerivedTrip } from './trip.ts';

/** A trip with what the store and the alerts need beside it. */
export interface SegmentedTrip {
  trip: DerivedTrip;
  /** When the wall clock alone changes it; null once it has ended. */
  dueMs: number | null;
  harsh: readonly HarshEvent[];
}

export interface Segmenter {
  /** The next sample in order of (time, device). */
  add(sample: Sample): void;
  /** A sample before the island: only its position counts, for the speed of those after it. */
  lookAt(sample: Sample): void;
  /** Time passes up to `nowMs`. By the wall clock this is provisional: such a segmenter takes no more samples. */
  advance(nowMs: number): void;
  /** Every trip so far in order, the open one last. */
  trips(): SegmentedTrip[];
  /** The last moving sample's instant. */
  readonly lastMovingMs: number | null;
  readonly lastMs: number | null;
  /** Start of the trip that is open; null when Idle. */
  readonly openStartMs: number | null;
  /** An independent copy, for provisional endings. */
  clone(): Segmenter;
  /** Forgets ended trips, so that a long-lived segmenter stays small. */
  dropEnded(): void;
}

interface Progress {
  state: TripState;
  ended: SegmentedTrip[];
  summary: Summary | null;
  /** The summary up to where the trip would end if it stopped now; null while the last sample is part of it. */
  atRest: Summary | null;
  lastMovingMs: number | null;
  lastMs: number | null;
}

/** Derives the trips of one vehicle from its samples in order, starting Idle, that is, at a cut (DESIGN §5). */
export function createSegmenter(vehicle: string, rules: Rules): Segmenter {
  const progress = { state: idle, ended: [], summary: null, atRest: null, lastMovingMs: null, lastMs: null };
  return segmenter(vehicle, rules, createMoments(rules), progress);
}

function segmenter(vehicle: string, rules: Rules, momentOf: (sample: Sample) => Moment, progress: Progress): Segmenter {
  const stopMs = rules.stopSpeedKmh;

  function end(transition: Extract<Transition, { kind: 'ended' }>): void {
    const summary = progress.atRest ?? progress.summary;
    if (!summary) return;
    progress.ended.push({
      trip: summary.trip(vehicle, 'ended', transition.atMs, transition.by),
      dueMs: null,
      harsh: summary.harshEvents(),
    });
    progress.summary = null;
    progress.atRest = null;
  }

  function collect(moment: Moment, before: TripState): void {
    const { summary } = progress;
    if (!summary) return;
    const moving = moment.speedKmh !== null && moment.speedKmh >= stopMs;
    if (moving) {
      progress.atRest = null;
      summary.add(moment);
      return;
    }
    const firstRest = moment.speedKmh !== null && before.phase !== 'idle' && before.restMs === null;
    const endsHere = firstRest && moment.timeMs - before.lastMovingMs <= rules.gapS * 1000;
    if (endsHere) {
      summary.add(moment);
      progress.atRest = summary.clone();
    } else {
      progress.atRest ??= summary.clone();
      summary.add(moment);
    }
  }

  return {
    add(sample) {
      const moment = momentOf(sample);
      const [reached, due] = advance(progress.state, moment.timeMs, rules);
      for (const transition of due) if (transition.kind === 'ended') end(transition);
      const [state, transitions] = step(reached, moment, rules);
      if (transitions.some(({ kind }) => kind === 'started')) progress.summary = new Summary(moment.timeMs, rules);
      collect(moment, reached);
      for (const transition of transitions) if (transition.kind === 'ended') end(transition);
      progress.state = state;
      progress.lastMs = moment.timeMs;
      if (moment.speedKmh !== null && moment.speedKmh >= stopMs) progress.lastMovingMs = moment.timeMs;
    },
    lookAt(sample) {
      momentOf(sample);
    },
    advance(nowMs) {
      const [state, transitions] = advance(progress.state, nowMs, rules);
      for (const transition of transitions) if (transition.kind === 'ended') end(transition);
      progress.state = state;
    },
    trips() {
      const { state, summary } = progress;
      if (state.phase === 'idle' || !summary) return progress.ended;
      const atMs = state.phase === 'paused' ? endMs(state, rules) : summary.lastMs;
      const counted = state.phase === 'paused' ? (progress.atRest ?? summary) : summary;
      const open: SegmentedTrip = {
        trip: counted.trip(vehicle, state.phase, atMs, null),
        dueMs: dueMs(state, rules),
        harsh: counted.harshEvents(),
      };
      return [...progress.ended, open];
    },
    get lastMovingMs() {
      return progress.lastMovingMs;
    },
    get lastMs() {
      return progress.lastMs;
    },
    get openStartMs() {
      return progress.state.phase === 'idle' ? null : progress.state.startMs;
    },
    clone() {
      return segmenter(vehicle, rules, momentOf, {
        ...progress,
        ended: [...progress.ended],
        summary: progress.summary?.clone() ?? null,
      });
    },
    dropEnded() {
      progress.ended = [];
    },
  };
}
