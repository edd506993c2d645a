import { type Column, columns } from './columns.ts';
import { defaultDevice, hasEssentials, idPattern, type Sample } from './sample.ts';
import { timePattern } from './time.ts';

/** What a client may report in a number or a flag; text and lists are left to the schema. */
const plainColumns: ReadonlyMap<string, Column> = new Map(
  columns
    .filter(({ kind, derived }) => derived !== true && (kind === 'number' || kind === 'flag'))
    .map((column) => [column.name, column]),
);

/**
 * The sample as it is stored, if the reported data is plainly good; undefined says nothing but that the schema must be
 * asked. Most samples are plain, and zod takes five times as long for them; a test holds that both agree.
 */
export function plainSample(data: unknown): Sample | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const { time, device = defaultDevice } = data as { time?: unknown; device?: unknown };
  if (typeof time !== 'string' || !timePattern.test(time)) return undefined;
  if (typeof device !== 'string' || !idPattern.test(device)) return undefined;
  const sample: Record<string, unknown> = { timeMs: Math.floor(Date.parse(time)), device };
  for (const name in data) {
    if (name === 'time' || name === 'device') continue;
    const column = plainColumns.get(name);
    if (column === undefined) return undefined;
    const value = (data as Record<string, unknown>)[name];
    if (!isWithin(value, column)) return undefined;
    sample[name] = value;
  }
  return hasEssentials(sample as Sample) ? (sample as Sample) : undefined;
}

/** NaN is within no bounds. */
function isWithin(value: unknown, { kind, min, max, integer }: Column): boolean {
  if (kind === 'flag') return typeof value === 'boolean';
  return typeof value === 'number' && value >= min && value <= max && (!integer || Number.isSafeInteger(value));
}
