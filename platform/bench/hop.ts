import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import startFlags from '../host/start-flags.json' with { type: 'json' };
import { type Spread, spreadOf } from './statistics.ts';

/** What the process of the hop is told to do, over IPC. */
export interface HopOrder {
  events: number;
  eventsPerS: number;
  samplesPerEvent: number;
}

/** From publishing an event to its handler being called. */
export interface HopResult {
  eventsPerS: number;
  p50Us: number;
  p99Us: number;
  mostUs: number;
  /** From when an event was due to be published: what the event loop kept it waiting counts too. */
  fromDueP99Us: number;
}

export interface HopFigures extends Omit<HopOrder, 'events'> {
  rounds: number;
  roundS: number;
  reachedPerS: Spread;
  p50Us: Spread;
  p99Us: Spread;
  mostUs: Spread;
  fromDueP99Us: Spread;
}

/** Events of one sample as fast as a fleet of 5,000 cars reports, and of a hundred samples at a tenth of that. */
const loads = [
  { eventsPerS: 5_000, samplesPerEvent: 1 },
  { eventsPerS: 500, samplesPerEvent: 100 },
];
/** Until the hot functions are compiled. */
const warmUpS = 2;

export async function measureHop(rounds: number, roundS: number): Promise<HopFigures[]> {
  const child = fork(fileURLToPath(new URL('./hop-process.ts', import.meta.url)), {
    execArgv: startFlags.laptop,
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the hop ended with code ${code}`);
  });
  const answer = async (): Promise<HopResult> => Promise.race([once(child, 'message').then(([one]) => one), ended]);
  const order = (one: HopOrder): Promise<HopResult> => {
    child.send(one);
    return answer();
  };
  try {
    await answer();
    const figures: HopFigures[] = [];
    for (const load of loads) {
      await order({ ...load, events: load.eventsPerS * warmUpS });
      const results: HopResult[] = [];
      for (let i = 0; i < rounds; i++) results.push(await order({ ...load, events: load.eventsPerS * roundS }));
      const spread = (name: keyof HopResult) => spreadOf(results.map((result) => result[name]));
      figures.push({
        ...load,
        rounds,
        roundS,
        reachedPerS: spread('eventsPerS'),
        p50Us: spread('p50Us'),
        p99Us: spread('p99Us'),
        mostUs: spread('mostUs'),
        fromDueP99Us: spread('fromDueP99Us'),
      });
    }
    return figures;
  } finally {
    ended.catch(() => {});
    if (child.connected) child.disconnect();
  }
}
