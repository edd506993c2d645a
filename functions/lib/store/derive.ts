import { type PendingStage, type Receipt, type Store, StoreUnavailable } from './port.ts';

/** Receipts taken into one pass at most: as many as one sweep joins into its events, so that one sweep does them all. */
export const maxReceipts = 50_000;
/** Passes over inputs that keep changing; then the delivery is tried again later. */
const maxPasses = 5;

/** A changed range of a vehicle, both ends inclusive. */
export interface Range {
  vehicle: string;
  fromMs: number;
  toMs: number;
}

/** A range with the receipts at a stage that touch it. */
export interface PendingRange extends Range {
  receipts: Receipt[];
  ids: string[];
}

/**
 * The range widened to every receipt at a stage that touches it, with their ids: a receipt stands for a whole commit
 * group, of which an event tells only its own part.
 */
export async function pendingIn(store: Store, range: Range, stage: PendingStage): Promise<PendingRange> {
  const { vehicle } = range;
  const receipts = await store.listReceipts({ vehicle, pending: [stage], touching: range, limit: maxReceipts });
  let { fromMs, toMs } = range;
  for (const receipt of receipts) {
    fromMs = Math.min(fromMs, receipt.fromMs);
    toMs = Math.max(toMs, receipt.toMs);
  }
  return { vehicle, fromMs, toMs, receipts, ids: receipts.map(({ id }) => id) };
}

/** Of a vehicle whose samples did not hold still: nothing is wrong with the store, nor with what others have in it. */
export class KeepsChanging extends StoreUnavailable {}

/** Repeats a guarded pass (port.ts, Guard) until its inputs hold still. Throws KeepsChanging when they never do. */
export async function tryAgain<T>(pass: () => Promise<T | null>): Promise<T> {
  for (let passes = 0; passes < maxPasses; passes++) {
    const result = await pass();
    if (result !== null) return result;
  }
  throw new KeepsChanging(`samples kept changing through ${maxPasses} passes`, { retryAfterS: 1 });
}

export async function collect<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) for (const item of page) all.push(item);
  return all;
}
