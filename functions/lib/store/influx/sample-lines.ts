import { type ColumnKind, columnByName, columns } from '../../telemetry/columns.ts';
import type { Sample } from '../../telemetry/sample.ts';
import { nanoseconds } from './instants.ts';
import { fieldText } from './lines.ts';
import { measurements } from './names.ts';

/** The field that every sample has, so that samples can be counted and found whatever else they hold. */
export const presentField = 'present';

/** Kinds by name, in an object: its look-up costs a third of a map's. */
const kinds: Record<string, ColumnKind | undefined> = Object.fromEntries(columns.map(({ name, kind }) => [name, kind]));

/**
 * A sample as a line: numbers as floats, lists as JSON. Throws RangeError for a value of another type than the schema's,
 * for InfluxDB would take the other lines of the request and drop this one (422).
 */
export function sampleLine(vehicle: string, sample: Sample): string {
  let line = `${measurements.sample},vehicle=${vehicle},device=${sample.device} ${presentField}=true`;
  for (const name in sample) {
    if (name === 'timeMs' || name === 'device') continue;
    const value: unknown = sample[name as keyof Sample];
    if (typeof value === 'number' && kinds[name] === 'number' && Number.isFinite(value)) line += `,${name}=${value}`;
    else if (value !== undefined) line += `,${name}=${checkedText(name, value)}`;
  }
  return `${line} ${nanoseconds(sample.timeMs)}`;
}

function checkedText(name: string, value: unknown): string {
  const kind = kinds[name];
  if (kind === 'flag' && typeof value === 'boolean') return fieldText(name, value);
  if (kind === 'text' && typeof value === 'string') return fieldText(name, value);
  if (kind === 'list' && Array.isArray(value)) return fieldText(name, JSON.stringify(value));
  throw new RangeError(`${name}: this ${typeof value} is not what the schema says`);
}

/** Reads samples off a pivoted table. */
export function sampleReader(names: readonly string[]): (values: readonly string[]) => Sample {
  const timeAt = names.indexOf('_time');
  const deviceAt = names.indexOf('device');
  const fields = names.flatMap((name, at) => {
    const column = columnByName.get(name);
    return column ? [{ name, kind: column.kind, at }] : [];
  });
  return (values) => {
    const sample: Record<string, unknown> = { timeMs: Date.parse(values[timeAt] as string), device: values[deviceAt] };
    for (const { name, kind, at } of fields) {
      const text = values[at];
      if (text === undefined || text === '') continue;
      if (kind === 'number') sample[name] = Number(text);
      else if (kind === 'flag') sample[name] = text === 'true';
      else sample[name] = kind === 'list' ? JSON.parse(text) : text;
    }
    return sample as Sample;
  };
}
