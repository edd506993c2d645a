import type { HttpAnswer } from '../lib/ports.ts';
import type { DeadLetter } from '../lib/store/port.ts';
import type { CloudEvent } from '../lib/telemetry/events.ts';
import { deadLetterSummary } from './answers.ts';
import { limits, parameters, readQuery } from './parameters.ts';
import { Refused } from './refused.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';

/** Attributes that a Knative broker adds to an event it could not deliver (knativeerrordest, -code, -data). */
const deadLetterAttribute = /^knativeerror/;

/** Dead letters, latest first. A token bound to vehicles sees those of its vehicles among the latest ones. */
export async function listDeadLetters({ query, view, ports }: ApiRequest): Promise<HttpAnswer> {
  const { replayed, limit } = readQuery(parameters.deadLetters, query);
  const letters = await ports.store.listDeadLetters({
    withReplayed: replayed === 'true',
    limit: view.vehicles ? limits.deadLetters.most : limit,
  });
  const seen = letters.filter((letter) => sees({ view }, letter)).slice(0, limit);
  return json({ deadLetters: seen.map(deadLetterSummary) });
}

export async function showDeadLetter(request: ApiRequest): Promise<HttpAnswer> {
  const letter = await find(request);
  return json({ ...deadLetterSummary(letter), event: letter.event });
}

/**
 * Publishes the event again as it was before it became a dead letter, and marks it replayed. Handlers are idempotent, so
 * replaying twice does no harm; if it fails again, the same dead letter comes back unmarked.
 */
export async function replayDeadLetter(request: ApiRequest): Promise<HttpAnswer> {
  const { nowMs, ports } = request;
  const letter = await find(request);
  const taken = await ports.publish(withoutErrors(letter.event));
  // Marked only then: a dead letter whose event was dropped must stay in the list.
  if (!taken) throw new Refused('broker-unavailable', 'the broker did not take the event; the dead letter stays');
  await ports.store.markReplayed(letter.id, nowMs);
  ports.log.info({ deadLetter: letter.id, type: letter.event.type }, 'dead letter replayed');
  return json({ replayed: letter.id }, 202);
}

async function find({ id, query, view, ports }: ApiRequest): Promise<DeadLetter> {
  readQuery(parameters.none, query);
  const letter = await ports.store.readDeadLetter(id);
  if (!letter || !sees({ view }, letter)) throw new Refused('not-found', `there is no dead letter ${id.slice(0, 64)}`);
  return letter;
}

/** An event of no vehicle belongs to the whole fleet. */
function sees({ view }: Pick<ApiRequest, 'view'>, { event }: DeadLetter): boolean {
  return event.subject === undefined ? !view.vehicles : view.sees(event.subject);
}

function withoutErrors(event: CloudEvent): CloudEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !deadLetterAttribute.test(name))) as CloudEvent;
}
