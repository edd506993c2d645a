import { attributeFault } from '../../functions/lib/cloudevents/attributes.ts';
import type { Clock, EventFunction, Ports } from '../../functions/lib/ports.ts';
import { traceparentOf } from '../../functions/lib/telemetry/trace.ts';
import { handleEvent, tracedPorts } from '../host/trace.ts';
import type { Activation } from './activation.ts';
import type { Envelope } from './envelope.ts';
import type { Slots } from './slots.ts';
import { type Attempt, noEvent, type Subscriber, withTimeout } from './subscriber.ts';

export interface FunctionSubscriberOptions {
  /** Of the Service. */
  name: string;
  address: string;
  activation: Activation<EventFunction<unknown>>;
  ports: Ports;
  /** The Service's containerConcurrency: shared by all triggers that lead to it. */
  slots: Slots;
  /** The Service's timeoutSeconds. */
  timeoutMs: number;
  clock: Clock;
}

/** A function of this checkout, called in process; answers as its HTTP host does on a cluster. */
export function functionSubscriber(options: FunctionSubscriberOptions): Subscriber {
  const { address, activation, slots, clock } = options;
  return {
    address,
    // What waits for a slot keeps it awake, so that one that is to go is not started anew for each.
    send: (envelope, timeoutMs = options.timeoutMs) =>
      activation.keep(() =>
        slots.run(() => withTimeout(clock, Math.min(timeoutMs, options.timeoutMs), call(options, envelope))),
      ),
  };
}

async function call({ name, activation, ports }: FunctionSubscriberOptions, envelope: Envelope): Promise<Attempt> {
  const { event, headers } = envelope;
  const traceparent = traceparentOf(event, headers.traceparent);
  const traced = tracedPorts(ports, traceparent);
  try {
    const reply = await activation.run((module, state) =>
      handleEvent({ name, module, state }, event, traceparent, traced),
    );
    if (reply === undefined) return { status: 202, body: '' };
    const fault = attributeFault(reply)?.detail;
    return fault === undefined ? { status: 200, body: '', reply: { event: reply } } : noEvent(fault);
  } catch (error) {
    return { status: statusOf(error), body: error instanceof Error ? error.message : String(error) };
  }
}

/** Errors say by a numeric `status` how they are to be treated (a Refusal: 422, never again); others are 500. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null ? (error as { status?: unknown }).status : undefined;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600 ? status : 500;
}
