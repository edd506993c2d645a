import type { ColdStartRound } from './cold-starts.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What the project has set itself: ingest's median so far above the yardstick's at most, ms. */
export const goalMs = 500;

export function roundText({ number, ingestMs, yardstickMs, first }: ColdStartRound, yardstick: string): string {
  const order = first === 'ingest' ? 'ingest first' : 'yardstick first';
  return `round ${number}: ingest ${seconds(ingestMs)} s, ${yardstick} ${seconds(yardstickMs)} s; ${order}`;
}

export function coldStartText(rounds: readonly ColdStartRound[]): string {
  const verdict = isReached(rounds) ? 'reached' : 'NOT reached';
  return [
    `cold starts, from no pod to the answer, ${rounds.length} rounds in turns; median (least–most)`,
    `  ingest, to its 202    ${spread(spreadOf(rounds.map(({ ingestMs }) => ingestMs)))} s`,
    `  yardstick             ${spread(spreadOf(rounds.map(({ yardstickMs }) => yardstickMs)))} s`,
    `  of one round, apart   ${spread(spreadOf(rounds.map((round) => round.ingestMs - round.yardstickMs)))} s`,
    `  ingest's median above the yardstick's: ${seconds(apartMs(rounds))} s; goal at most ${seconds(goalMs)} s: ${verdict}`,
  ].join('\n');
}

export function isReached(rounds: readonly ColdStartRound[]): boolean {
  return apartMs(rounds) <= goalMs;
}

function apartMs(rounds: readonly ColdStartRound[]): number {
  const medianOf = (values: number[]) => spreadOf(values).median;
  return medianOf(rounds.map(({ ingestMs }) => ingestMs)) - medianOf(rounds.map(({ yardstickMs }) => yardstickMs));
}

function spread({ median, min, max }: Spread): string {
  return `${seconds(median)} (${seconds(min)}–${seconds(max)})`;
}

const seconds = (ms: number) => (ms / 1_000).toFixed(2);
