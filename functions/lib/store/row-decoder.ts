import { type Column, columns } from '../telemetry/columns.ts';
import type { Sample } from '../telemetry/sample.ts';
import { type EncodedRows, rowHead } from './rows.ts';

/** The samples again, in the order they were added. */
export function decodeRows(rows: EncodedRows): Sample[] {
  const { data, devices, strings } = rows;
  const shapes = rows.shapes.map((shape) => shape.map((index) => columns[index] as Column));
  const samples: Sample[] = new Array(rows.count);
  let at = 0;
  for (let row = 0; row < rows.count; row++) {
    const fields = shapes[data[at] as number] as Column[];
    const sample: Record<string, unknown> = { timeMs: data[at + 3], device: devices[data[at + 2] as number] };
    at += rowHead;
    for (const { name, kind } of fields) {
      const value = data[at++] as number;
      sample[name] = kind === 'number' ? value : decodeValue(kind, value, strings);
    }
    samples[row] = sample as Sample;
  }
  return samples;
}

function decodeValue(kind: Column['kind'], value: number, strings: string[]): unknown {
  if (kind === 'flag') return value === 1;
  const text = strings[value] as string;
  return kind === 'text' ? text : JSON.parse(text);
}
