import type { CloudEvent } from '../telemetry/events.ts';
import { attributeFault } from './attributes.ts';

/**
 * CloudEvents over HTTP (HTTP protocol binding 1.0, binary and structured mode, one event a message). Versions 1.0 and
 * 0.3 are kept as they come: no upgrade.
 */

export type HttpHeaders = Record<string, string | string[] | undefined>;

export interface ParsedEvent {
  ok: true;
  event: CloudEvent;
  /** The body as it came in binary mode, so that it can be passed on to the byte. */
  dataBytes?: Uint8Array;
}

export type ParseResult = ParsedEvent | { ok: false; detail: string };

/** Whether a message says that it is a CloudEvent (HTTP binding §3: by content type, else by `ce-specversion`). */
export function isCloudEvent(headers: HttpHeaders): boolean {
  return mediaType(headers).startsWith('application/cloudevents') || headers['ce-specversion'] !== undefined;
}

/** Header names in lower case. Never throws. */
export function parseHttpEvent(headers: HttpHeaders, body: Uint8Array): ParseResult {
  const type = mediaType(headers);
  if (type === 'application/cloudevents+json' || type === 'application/cloudevents') return parseStructured(body);
  if (type.startsWith('application/cloudevents')) return fault(`${type} is not taken here: one event, as JSON`);
  if (headers['ce-specversion'] === undefined) return fault('not a CloudEvent: no ce-specversion');
  return parseBinary(headers, body, type);
}

/** Binary mode; `dataBytes` stands for the event's data where the bytes are known. */
export function toBinary(
  event: CloudEvent,
  dataBytes?: Uint8Array,
): { headers: Record<string, string>; body: Uint8Array } {
  const headers: Record<string, string> = {};
  for (const name in event) {
    const value = event[name];
    if (name === 'data' || name === 'data_base64' || value === undefined || value === null) continue;
    headers[name === 'datacontenttype' ? 'content-type' : `ce-${name}`] =
      name === 'datacontenttype' ? String(value) : percentEncode(String(value));
  }
  if (dataBytes !== undefined) return { headers, body: dataBytes };
  if (event.data_base64 !== undefined) return { headers, body: Buffer.from(event.data_base64, 'base64') };
  if (event.data === undefined) return { headers, body: new Uint8Array(0) };
  // Data without a content type is JSON (JSON format §3.1).
  headers['content-type'] ??= 'application/json';
  const isText = typeof event.data === 'string' && !isJson(headers['content-type']);
  return { headers, body: Buffer.from(isText ? String(event.data) : JSON.stringify(event.data)) };
}

/** Headers that travel with an event: the trace, and Knative Eventing's `utils.PassThroughHeaders`. */
export function passThroughHeaders(headers: HttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' && passes.test(name)) passed[name] = value;
  }
  return passed;
}

const passes = /^(?:traceparent|x-request-id|retry-after|knative-.*|x-b3-.*)$/;

function parseBinary(headers: HttpHeaders, body: Uint8Array, type: string): ParseResult {
  // Without a prototype, so that no name that is sent means more than a name.
  const event: Record<string, unknown> = Object.create(null);
  for (const name in headers) {
    if (!name.startsWith('ce-')) continue;
    const value = headers[name];
    const decoded = typeof value === 'string' ? percentDecode(value) : undefined;
    if (decoded === undefined) return fault(`header ${name} is not percent-encoded UTF-8 (HTTP binding §3.1.3.2)`);
    // These are carried by content-type and the body.
    if (name === 'ce-data' || name === 'ce-datacontenttype') return fault(`header ${name} has no place in binary mode`);
    event[name.slice(3)] = decoded;
  }
  if (type !== '') event.datacontenttype = headers['content-type'];
  if (body.length > 0) {
    if (!isJson(type)) event.data_base64 = Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64');
    else {
      const data = parseJson(body);
      if (data === undefined) return fault('data is not JSON, as its content type says');
      event.data = data;
    }
  }
  const detail = attributeFault(event)?.detail;
  return detail === undefined ? { ok: true, event: { ...event } as CloudEvent, dataBytes: body } : fault(detail);
}

function parseStructured(body: Uint8Array): ParseResult {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('the event is not a JSON object');
  const event: Record<string, unknown> = Object.create(null);
  for (const [name, attribute] of Object.entries(value)) {
    if (attribute !== null || name === 'data') event[name] = attribute;
  }
  const detail = attributeFault(event)?.detail;
  if (detail !== undefined) return fault(detail);
  if (event.specversion === '0.3' && event.data_base64 !== undefined) return fault('0.3 has no data_base64');
  // JSON format 0.3 §3.1: bytes stand in `data`, marked by an attribute; inside they are what 1.0 makes them.
  if (event.specversion === '0.3' && event.datacontentencoding === 'base64') {
    if (typeof event.data !== 'string') return fault('data must be base64');
    event.data_base64 = event.data;
    delete event.data;
    delete event.datacontentencoding;
  }
  return { ok: true, event: { ...event } as CloudEvent };
}

function mediaType(headers: HttpHeaders): string {
  const value = headers['content-type'];
  return typeof value === 'string' ? (value.split(';', 1)[0] ?? '').trim().toLowerCase() : '';
}

/** Whether a content type says JSON (JSON format §3.1). */
export function isJson(contentType: string): boolean {
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(contentType);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}

/** HTTP binding §3.1.3.2: space, `"`, `%` and all beyond printable ASCII, as UTF-8. */
function percentEncode(value: string): string {
  return value.replace(/[^\x21\x23\x24\x26-\x7e]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/**
 * Undefined where the decoded bytes are no UTF-8, and where a byte beyond printable ASCII stands undisguised. Double
 * quotes, as older senders wrote them, go first.
 */
function percentDecode(value: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(value)) return undefined;
  const plain = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  if (!plain.includes('%')) return plain;
  try {
    // A lone % stays one; sequences are taken together, for a character may have several.
    return plain.replace(/(?:%[0-9A-Fa-f]{2})+/g, (part) => utf8.decode(Buffer.from(part.replaceAll('%', ''), 'hex')));
  } catch {
    return undefined;
  }
}

function fault(detail: string): ParseResult {
  return { ok: false, detail };
}
