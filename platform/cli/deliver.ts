import { maxProblemErrors } from '../../functions/lib/problem.ts';
import { type ApiAnswer, problemOf, refusalOf, send } from './api.ts';
import type { Chunk } from './chunks.ts';
import type { CliError } from './exit.ts';
import { printable } from './table.ts';
import type { World } from './world.ts';

/** With Retry-After of a second or so this is patience for a restart of the server, not for an outage. */
const maxTries = 8;
/** Longest wait between two tries, whatever the server asks for, ms. */
const longestWaitMs = 60_000;
/** Faults of a refusal that are shown, each once. */
const maxShown = 10;

/** Posts a chunk, waiting and trying again while the server is busy. Throws the CliError that a refusal means. */
export async function deliver(world: World, base: URL, token: string | undefined, chunk: Chunk): Promise<void> {
  for (let tries = 1; ; tries++) {
    const answer = await send(world, base, { method: 'POST', path: '/ingest', token, body: chunk });
    if (answer.ok) return;
    const busy = answer.status === 429 || answer.status === 503;
    if (!busy || tries === maxTries) throw describe(answer, chunk);
    const waitMs = waitOf(answer, world.now());
    world.err(`the server is busy (${answer.status}); trying again in ${Math.ceil(waitMs / 1_000)} s\n`);
    await world.sleep(waitMs);
  }
}

/** Retry-After as seconds or as a date (RFC 9110 §10.2.3), ms; a second where there is none. */
function waitOf({ headers }: ApiAnswer, nowMs: number): number {
  const asked = headers.get('retry-after') ?? '1';
  const waitMs = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(longestWaitMs, Math.max(0, waitMs)) : 1_000;
}

function describe(answer: ApiAnswer, chunk: Chunk): CliError {
  const refusal = refusalOf(answer);
  const errors = problemOf(answer.text)?.errors ?? [];
  // A file of one car has the same fault in each of its events.
  const faults = [...Map.groupBy(errors, ({ pointer = '', detail = '' }) => `${kindOf(pointer)}: ${detail}`).values()];
  const orMore = errors.length === maxProblemErrors ? ' or more' : '';
  const shown = faults.slice(0, maxShown).map((same) => {
    const [{ index, pointer = '', detail = '' } = {}] = same;
    const place = index === undefined ? '' : `item ${chunk.firstIndex + index}`;
    const count = same.length > 1 ? ` (${same.length}${orMore} of these)` : '';
    return printable(`  ${place}${pointer}: ${detail}${count}`);
  });
  const more = faults.length > maxShown ? [`  and ${faults.length - maxShown} more`] : [];
  refusal.message = [refusal.message, ...shown, ...more].join('\n');
  return refusal;
}

/** A pointer without the place in a list of samples. */
function kindOf(pointer: string): string {
  return pointer.replace(/^\/data\/samples\/\d+/, '/data');
}
