import { createHash } from 'node:crypto';

/** Line protocol (InfluxDB v2, "Line protocol syntax"). Names of ours and ids need no escaping: telemetry/sample.ts, idPattern. */

/** The value of a field; integers are given as bigint, so that no number becomes one by chance. */
export type FieldValue = number | bigint | boolean | string;

/**
 * A line; `time` is ns as text, empty for the server's own clock. Throws RangeError for a value that has no place in
 * InfluxDB, before anything is sent: of a request with one such line it would take the others.
 */
export function lineOf(
  measurement: string,
  tags: Record<string, string>,
  fields: Record<string, FieldValue | undefined | null>,
  time: string,
): string {
  let head = measurement;
  for (const [name, value] of Object.entries(tags)) head += `,${name}=${value}`;
  let body = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    body += `${body === '' ? ' ' : ','}${name}=${fieldText(name, value)}`;
  }
  return `${head}${body}${time === '' ? '' : ` ${time}`}`;
}

export function fieldText(name: string, value: FieldValue): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${name}: ${value} cannot be stored`);
    return String(value);
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return `${value}i`;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Six digits of a text's hash: what keeps points of one series and millisecond apart. */
export function sixDigits(...parts: string[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUIntBE(0, 6) % 1_000_000;
}
