import type { Sample } from '../telemetry/sample.ts';
import { createMoments, positionLookbackMs } from './moment.ts';
import { cutS, type Rules } from './rules.ts';
import { createSegmenter, type SegmentedTrip, type Segmenter } from './segmenter.ts';

/** How an island is read: samples of the vehicle in order of (time, device), both ends inclusive, in pages. */
export type ReadRange = (fromMs: number, toMs: number) => AsyncIterable<Sample[]>;

/** What the samples around a change say: every trip that begins in [fromMs, endMs). */
export interface Island {
  fromMs: number;
  /** The cut after it, exclusive; Infinity when no later sample is there. */
  endMs: number;
  trips: SegmentedTrip[];
  /** Whether the raw tier still holds everything before it that could matter. */
  whole: boolean;
  /** Goes on with newer samples; null when later islands are there already. */
  segmenter: Segmenter | null;
}

/**
 * Derives the trips of the island around a changed range [fromMs, toMs], between the cut before it and the cut after it.
 * A changed instant counts as moving, because it may have been before the change.
 *
 * @param floorMs samples before this may be gone
 * @param nowMs the wall clock: ends trips provisionally
 */
export async function deriveIsland(
  vehicle: string,
  range: { fromMs: number; toMs: number },
  read: ReadRange,
  rules: Rules,
  nowMs: number,
  floorOf: () => Promise<number>,
): Promise<Island> {
  const cutMs = cutS(rules) * 1000;
  const fromMs = await findStart(range.fromMs, read, rules);
  const segmenter = createSegmenter(vehicle, rules);
  let anchorMs = range.toMs + positionLookbackMs;
  let endMs = Infinity;
  pages: for await (const page of read(fromMs - positionLookbackMs, Number.MAX_SAFE_INTEGER)) {
    for (const sample of page) {
      if (sample.timeMs < fromMs) {
        segmenter.lookAt(sample);
        continue;
      }
      anchorMs = Math.max(anchorMs, segmenter.lastMovingMs ?? 0);
      if (sample.timeMs >= anchorMs + cutMs) {
        endMs = anchorMs + cutMs;
        break pages;
      }
      segmenter.add(sample);
    }
  }
  const provisional = segmenter.clone();
  provisional.advance(Math.max(nowMs, endMs === Infinity ? 0 : endMs));
  return {
    fromMs,
    endMs,
    trips: provisional.trips(),
    whole: fromMs - cutMs >= (await floorOf()),
    segmenter: endMs === Infinity ? segmenter : null,
  };
}

/** The first instant of the island that holds `changedMs`: before it nothing moved for as long as a cut. */
async function findStart(changedMs: number, read: ReadRange, rules: Rules): Promise<number> {
  const cutMs = cutS(rules) * 1000;
  let earliestMs = changedMs;
  let spanMs = cutMs;
  for (;;) {
    const fromMs = earliestMs - spanMs;
    const moving: number[] = [];
    const momentOf = createMoments(rules);
    for await (const page of read(fromMs - positionLookbackMs, earliestMs - 1)) {
      for (const sample of page) {
        const { speedKmh, timeMs } = momentOf(sample);
        if (timeMs >= fromMs && speedKmh !== null && speedKmh >= rules.stopSpeedKmh) moving.push(timeMs);
      }
    }
    for (const timeMs of moving.reverse()) {
      if (earliestMs - timeMs >= cutMs) return earliestMs;
      earliestMs = timeMs;
    }
    if (earliestMs - fromMs >= cutMs) return earliestMs;
    // A long drive: look further back at a time, up to a day.
    spanMs = Math.min(spanMs * 4, 86_400_000);
  }
}
