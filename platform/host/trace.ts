import type { EventFunction, Log, Ports } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { traceIdOf, withTrace } from '../../functions/lib/telemetry/trace.ts';

/** Ports by which every event that is published and every line that is logged says the trace it is of. */
export function tracedPorts(ports: Ports, traceparent: string | undefined): Ports {
  if (traceparent === undefined) return ports;
  return {
    ...ports,
    log: tracedLog(ports.log, traceIdOf(traceparent)),
    publish: (event) => ports.publish(withTrace(event, traceparent)),
  };
}

/** Adds the field when a line is written: no logger of its own for each event. */
function tracedLog(log: Log, traceId: string): Log {
  return {
    debug: (fields, message) => log.debug({ ...fields, traceId }, message),
    info: (fields, message) => log.info({ ...fields, traceId }, message),
    warn: (fields, message) => log.warn({ ...fields, traceId }, message),
    error: (fields, message) => log.error({ ...fields, traceId }, message),
  };
}

/** An event function that is initialised, under the name that its metrics have. */
export interface Called {
  name: string;
  module: EventFunction<unknown>;
  state: unknown;
}

/** Calls a function with an event; its reply stays in the trace, and its time is measured. Throws what it throws. */
export async function handleEvent(
  { name, module, state }: Called,
  event: CloudEvent,
  traceparent: string | undefined,
  ports: Ports,
): Promise<CloudEvent | undefined> {
  const startedMs = performance.now();
  try {
    if (traceparent === undefined) return await module.handle({ state }, event, ports);
    const reply = await module.handle({ state, traceparent }, event, ports);
    return reply && withTrace(reply, traceparent);
  } finally {
    const durationS = (performance.now() - startedMs) / 1_000;
    ports.metrics.observe('fleet_function_duration_seconds', durationS, { function: name });
  }
}
