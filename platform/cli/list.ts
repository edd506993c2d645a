import { parseDuration } from './duration.ts';
import type { ListOptions, RangeOptions } from './options.ts';
import type { World } from './world.ts';

/** Says how to go on when there is more than was printed. */
export function hintNext(world: World, next: string | null): void {
  if (next !== null) world.err(`there is more: add --cursor ${next}\n`);
}

/** The query of a list with a range; durations become the instants they stand for. */
export function rangeQuery(world: World, { vehicle, from, to, limit, cursor }: RangeOptions & ListOptions) {
  return { vehicle, from: timeOf(world, from), to: timeOf(world, to), limit, cursor };
}

function timeOf({ now }: World, text: string | undefined): string | undefined {
  const agoMs = text === undefined ? undefined : parseDuration(text);
  return agoMs === undefined ? text : new Date(now() - agoMs).toISOString();
}
