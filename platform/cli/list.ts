import { parseDuration } from './duration.ts';
import { CliError } from './exit.ts';
import type { ListOptions, RangeOptions } from './options.ts';
import type { World } from './world.ts';

/** Says how to go on when there is more than was printed. */
export function hintNext(world: World, next: string | null): void {
  if (next !== null) world.err(`there is more: add --cursor ${next}\n`);
}

/** The query of a list with a range; durations become the instants they stand for. Throws CliError for what is no time. */
export function rangeQuery(world: World, { vehicle, from, to, limit, cursor }: RangeOptions & ListOptions) {
  return { vehicle, from: timeOf(world, '--from', from), to: timeOf(world, '--to', to), limit, cursor };
}

function timeOf({ now }: World, option: string, text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d\d-\d\dT/.test(text)) return text;
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return new Date(now() - agoMs).toISOString();
  throw new CliError(
    'usage',
    `${option} ${text}: give a time as 2026-03-10T12:00:00Z, or a duration before now as 24h`,
  );
}
