import type { Context, Ports } from '../lib/ports.ts';
import type { CloudEvent } from '../lib/telemetry/events.ts';

/** Characters of a reason that are kept. */
const maxReason = 1024;

/** The dead-letter sink: keeps what could not be processed, for `fleet dead-letters`. */
export async function handle(_: Context, event: CloudEvent, { store, clock, metrics, log }: Ports): Promise<undefined> {
  const { knativeerrordest, knativeerrorcode, knativeerrordata, ...original } = event;
  const code = Number(knativeerrorcode);
  const letter = {
    event: original as CloudEvent,
    destination: typeof knativeerrordest === 'string' ? knativeerrordest : 'unknown',
    code: Number.isInteger(code) && code > 0 ? code : null,
    reason:
      typeof knativeerrordata === 'string'
        ? Buffer.from(knativeerrordata, 'base64').toString().slice(0, maxReason)
        : '',
  };
  if (!(await store.putDeadLetter(letter, clock.now()))) {
    log.info({ event: event.id, type: event.type }, 'not kept: its vehicle was erased');
    return undefined;
  }
  metrics.count('fleet_dead_letters_total', 1, { destination: letter.destination });
  log.warn({ event: event.id, type: event.type, destination: letter.destination, code: letter.code }, 'dead letter');
  return undefined;
}
