import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';

/** An event on its way from a broker to its subscribers; shared by all of them, and therefore frozen. */
export interface Envelope {
  readonly event: CloudEvent;
  /** Hops left, `knativebrokerttl`: hidden from subscribers and put back on their replies. */
  readonly hops: number;
  /** Headers that travel along, `traceparent` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Data as it came over HTTP in binary mode, passed on to the byte. */
  readonly dataBytes?: Uint8Array | undefined;
}

/** What comes with an event that did not start in this process. */
export type Baggage = Partial<Pick<Envelope, 'headers' | 'dataBytes'>>;

/** Deeper than any JSON a person or a library writes; recursion stops here and not at the end of the stack. */
const maxDepth = 64;

/**
 * Freezes a value of JSON and all in it; answers about how many bytes it takes as JSON. One walk does both, which is
 * cheaper than serialising.
 * @throws {RangeError} for a value nested too deep, a cycle among them
 */
export function freezeAndMeasure(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (depth > maxDepth) throw new RangeError(`nested deeper than ${maxDepth}`);
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const element of value) bytes += freezeAndMeasure(element, depth + 1) + 1;
  } else {
    for (const key in value)
      bytes += key.length + 4 + freezeAndMeasure((value as Record<string, unknown>)[key], depth + 1);
  }
  Object.freeze(value);
  return bytes;
}
