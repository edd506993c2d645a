import type { CloudEvent } from './events.ts';

/**
 * `version-trace-parent-flags` in lower case; version ff and ids of zeros are forbidden (W3C Trace Context §3.2.2). The one
 * place that knows the form.
 */
const form = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** A traceparent that somebody sent; what is none is ignored (§4.3: start anew), and never a fault of what it came with. */
export function readTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

/**
 * The trace an event is handled in: its own, where it began (CloudEvents, Distributed Tracing extension), else that of the
 * delivery, which a broker may have begun.
 */
export function traceparentOf({ traceparent }: CloudEvent, header: unknown): string | undefined {
  return readTraceparent(traceparent) ?? readTraceparent(header);
}

/** What log lines are found by. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The event in a trace, unless it says one itself. */
export function withTrace(event: CloudEvent, traceparent: string): CloudEvent {
  return event.traceparent === undefined ? { ...event, traceparent } : event;
}
