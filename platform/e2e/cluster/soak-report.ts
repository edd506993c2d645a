import type { StatusAnswer } from '../../../functions/query/answers.ts';
import { type Look, mostPods, quietBeforeMs, type Spell, spellsOf } from './activity.ts';
import type { Balance } from './ledger.ts';

export interface SoakFigures {
  cars: number;
  minutes: number;
  /** When the first car began and the last one stopped; ms since the epoch, as all of these. */
  startedMs: number;
  stoppedMs: number;
  /** The tick that was watched, up to the next one. */
  tickAtMs: number;
  nextTickAtMs: number;
  looks: readonly Look[];
  statuses: ReadonlyMap<number, number>;
  latenciesMs: readonly number[];
  balance: Balance;
  trips: { all: number; ended: number };
  receipts: StatusAnswer['receipts'];
  newDeadLetters: number;
}

/** Less is no sleep worth the name, ms. */
const quietAtLeastMs = 60_000;
/** What a tick wakes; everything else sleeps through it. */
const ticked = ['downsample', 'trip-segment'];

export function soakText(figures: SoakFigures): string {
  const { cars, minutes, startedMs, stoppedMs, tickAtMs, nextTickAtMs, looks, balance, trips, receipts } = figures;
  const requests = [...figures.statuses.values()].reduce((sum, n) => sum + n, 0);
  const driving = looks.filter(({ atMs }) => atMs < stoppedMs);
  const most = [...mostPods(driving)].map(([service, n]) => `${service} ${n}`);
  const spells = spellsOf(looks, tickAtMs, nextTickAtMs);
  return [
    `soak: ${cars} demo cars for ${minutes} min, ${new Date(startedMs).toISOString()} to ${new Date(stoppedMs).toISOString()}`,
    `  ${requests} requests: ${[...figures.statuses].map(([status, n]) => `${n} × ${status || 'no answer'}`).join(', ')}`,
    `  202 after p50 ${latencyText(figures, 0.5)}, p99 ${latencyText(figures, 0.99)}, at most ${latencyText(figures, 1)}`,
    `  ${balance.acknowledged} samples acknowledged; in the store ${balance.missing} missing, ${balance.twice} twice, ${balance.unheard} unheard of`,
    `  ${trips.all} trips, ${trips.ended} of them ended`,
    `  receipts: ${receipts.pending} pending, ${receipts.rollup} not rolled up; ${figures.newDeadLetters} new dead letters`,
    `  pods at most: ${most.join(', ')}`,
    `  tick of ${new Date(tickAtMs).toISOString()}: ${spells.map((spell) => spellText(spell, tickAtMs)).join(', ') || 'nobody awake'}`,
    `  no pod of any function in the ${seconds(quietBeforeMs(looks, nextTickAtMs))} s before the next tick`,
  ].join('\n');
}

/** What must hold, and does not. */
export function troublesOf(figures: SoakFigures): string[] {
  const { looks, tickAtMs, nextTickAtMs, statuses, balance, receipts, newDeadLetters } = figures;
  const refused = [...statuses.keys()].filter((status) => status >= 400 && status < 500 && status !== 429);
  const others = spellsOf(looks, tickAtMs, nextTickAtMs).filter(({ service }) => !ticked.includes(service));
  const checks: [holds: boolean, trouble: string][] = [
    [balance.acknowledged > 0, 'nothing was acknowledged'],
    [refused.length === 0, `refusals for good: ${refused.join()}`],
    [balance.missing === 0, `${balance.missing} acknowledged samples are missing`],
    [balance.twice === 0, `${balance.twice} samples are there twice`],
    [receipts.pending === 0, `${receipts.pending} receipts are pending`],
    [receipts.rollup === 0, `${receipts.rollup} receipts are not rolled up`],
    [newDeadLetters === 0, `${newDeadLetters} new dead letters`],
    [quietBeforeMs(looks, nextTickAtMs) >= quietAtLeastMs, 'functions do not sleep between ticks'],
    [others.length === 0, `a tick woke ${others.map(({ service }) => service).join()}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, trouble]) => trouble);
}

function latencyText({ latenciesMs }: SoakFigures, share: number): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return `${(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(0)} ms`;
}

function spellText({ service, fromMs, untilMs }: Spell, sinceMs: number): string {
  return `${service} from ${seconds(fromMs - sinceMs)} to ${seconds(untilMs - sinceMs)} s`;
}

const seconds = (ms: number) => (ms / 1_000).toFixed(0);
