import type { HttpAnswer } from '../lib/ports.ts';
import { statusAnswer } from './answers.ts';
import { parameters, readQuery } from './parameters.ts';
import { Refused } from './refused.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';

/** How far the pipeline has come. It counts over all vehicles, so it needs a view of all of them. */
export async function showStatus({ query, view, nowMs, ports }: ApiRequest): Promise<HttpAnswer> {
  readQuery(parameters.none, query);
  if (view.vehicles) throw new Refused('forbidden', 'the status counts over all vehicles: it needs a token for *');
  const [receipts, deadLetters] = await Promise.all([ports.store.countReceipts(), ports.store.countDeadLetters()]);
  return json(statusAnswer(nowMs, receipts, deadLetters));
}
