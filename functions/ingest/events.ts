import { type AttributeFault, attributeFault } from '../lib/cloudevents/attributes.ts';
import { parseHttpEvent } from '../lib/cloudevents/http.ts';
import type { ProblemError } from '../lib/problem.ts';
import type { CloudEvent } from '../lib/telemetry/events.ts';
import type { IngestLimits } from '../lib/telemetry/limits.ts';
import { idPattern } from '../lib/telemetry/sample.ts';
import { parsedFault, unparsedFault } from './json-faults.ts';
import { syntaxFault } from './json-syntax.ts';
import type { ContentMode } from './media.ts';
import { IngestRefusal } from './refusal.ts';

/** What is left of an event once its envelope is found good: whose data it is. */
export interface Reported {
  /** The event's subject, or the vehicle that plain JSON names. */
  vehicle: string | undefined;
  type: string | undefined;
  data: unknown;
}

type Headers = Record<string, string | undefined>;
type Json = Record<string, unknown>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The events of a body. Throws `invalid-request` with every fault, and `payload-too-large`. */
export function readEvents(mode: ContentMode, headers: Headers, bytes: Uint8Array, limits: IngestLimits): Reported[] {
  demandFaultless(unparsedFault(bytes));
  if (mode === 'binary') return binary(headers, bytes);
  const text = textOf(bytes);
  const body = parseJson(text);
  demandFaultless(parsedFault(bytes, text, body));
  if (mode === 'plain') return [plain(body)];
  if (mode === 'structured') return reported([body]);
  if (!Array.isArray(body)) throw new IngestRefusal('invalid-request', 'a batch must be a JSON array');
  if (body.length > limits.events) {
    throw new IngestRefusal('payload-too-large', `a batch holds at most ${limits.events} events`);
  }
  return reported(body);
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new IngestRefusal('invalid-request', 'the body is not valid UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IngestRefusal('invalid-request', `the body is not JSON: ${syntaxFault(text, cause as Error)}`);
  }
}

function demandFaultless(fault: string | undefined): void {
  if (fault !== undefined) throw new IngestRefusal('invalid-request', `the body is not taken: ${fault}`);
}

function plain(body: unknown): Reported {
  if (!isObject(body)) throw new IngestRefusal('invalid-request', 'the body must be a JSON object');
  const { vehicle, ...data } = body;
  if (vehicle !== undefined && typeof vehicle !== 'string') {
    throw new IngestRefusal('invalid-request', 'vehicle must be a string');
  }
  return { vehicle, type: undefined, data };
}

/** Binary mode: the attributes are in headers, and JSON data in the body (HTTP binding §3.1). */
function binary(headers: Headers, body: Uint8Array): Reported[] {
  const parsed = parseHttpEvent(headers, body);
  if (!parsed.ok) throw new IngestRefusal('invalid-request', parsed.detail);
  demandFaultless(parsedFault(body, textOf(body), parsed.event.data));
  return reported([parsed.event]);
}

/** Checks every envelope before any data is looked at. */
function reported(events: readonly unknown[]): Reported[] {
  const errors: ProblemError[] = [];
  for (const [index, event] of events.entries()) {
    const fault = envelopeFault(event);
    if (fault)
      errors.push({ index, pointer: `/${pointerPart(fault.attribute)}`, code: 'invalid-event', detail: fault.detail });
  }
  if (errors.length > 0) {
    const [first] = errors;
    throw new IngestRefusal('invalid-request', `event ${first?.index}: ${first?.detail}`, errors);
  }
  return (events as CloudEvent[]).map(({ subject, type, data }) => ({ vehicle: subject ?? undefined, type, data }));
}

/** What is wrong with an envelope by CloudEvents 1.0, and what of it is not taken here. */
function envelopeFault(event: unknown): AttributeFault | undefined {
  if (!isObject(event)) return { attribute: '', detail: 'an event must be a JSON object' };
  if (event.specversion !== '1.0') return { attribute: 'specversion', detail: 'specversion must be "1.0"' };
  if (event.data_base64 !== undefined) return { attribute: 'data_base64', detail: 'data must be JSON, in data' };
  const fault = attributeFault(event);
  // Of all control characters, the one that would end a line of line protocol makes it a bad vehicle id (422).
  if (fault?.attribute === 'subject' && String(event.subject).includes('\n')) return undefined;
  return fault;
}

/** Escapes a member name for a JSON pointer (RFC 6901 §3), bounded. */
export function pointerPart(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isVehicleId(vehicle: string | undefined): vehicle is string {
  return vehicle !== undefined && idPattern.test(vehicle);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
