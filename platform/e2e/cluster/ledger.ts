import { defaultDevice } from '../../../functions/lib/telemetry/sample.ts';
import type { ReportedEvent } from '../../simulator/report.ts';

/** What clients were answered: a `fetch` that keeps account. */
export interface Ledger {
  fetch: typeof fetch;
  /** Answers by status; 0 where there was none. */
  statuses: Map<number, number>;
  /** How long each 202 took, ms. */
  latenciesMs: number[];
  /** Samples that were acknowledged, by vehicle; each is its device and its time. */
  acknowledged: Map<string, Set<string>>;
}

export const identityOf = (time: string, device = defaultDevice) => `${device} ${Date.parse(time)}`;

/** For requests as the simulator's client makes them: batches of CloudEvents. */
export function createLedger(send: typeof fetch): Ledger {
  const ledger: Ledger = { fetch: kept, statuses: new Map(), latenciesMs: [], acknowledged: new Map() };
  const count = (status: number) => void ledger.statuses.set(status, (ledger.statuses.get(status) ?? 0) + 1);

  async function kept(...[target, init]: Parameters<typeof fetch>): Promise<Response> {
    const startedAt = performance.now();
    try {
      const answer = await send(target, init);
      count(answer.status);
      if (answer.status === 202) {
        ledger.latenciesMs.push(performance.now() - startedAt);
        acknowledge(JSON.parse(String(init?.body)));
      }
      return answer;
    } catch (error) {
      count(0);
      throw error;
    }
  }
  function acknowledge(events: ReportedEvent[]): void {
    for (const { subject = '', data } of events) {
      const samples = ledger.acknowledged.get(subject) ?? new Set();
      ledger.acknowledged.set(subject, samples);
      for (const { time, device } of data?.samples ?? []) samples.add(identityOf(time, device));
    }
  }
  return ledger;
}

/** How what is in the store differs from what was acknowledged. */
export interface Balance {
  acknowledged: number;
  missing: number;
  twice: number;
  /** Stored, but nobody heard of it: an answer was lost, or the client did not wait for it. */
  unheard: number;
}

export function balanceOf(acknowledged: ReadonlySet<string>, stored: readonly string[]): Balance {
  const there = new Set(stored);
  return {
    acknowledged: acknowledged.size,
    missing: acknowledged.difference(there).size,
    twice: stored.length - there.size,
    unheard: there.difference(acknowledged).size,
  };
}

export function sumOf(balances: readonly Balance[]): Balance {
  const total = (name: keyof Balance) => balances.reduce((sum, balance) => sum + balance[name], 0);
  return {
    acknowledged: total('acknowledged'),
    missing: total('missing'),
    twice: total('twice'),
    unheard: total('unheard'),
  };
}
