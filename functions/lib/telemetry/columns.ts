import { z } from 'zod';
import type { FieldMeta } from './fields.ts';
import { sampleFields } from './sample.ts';

/** How a field is stored. `list` is a JSON array in a text column. */
export type ColumnKind = 'number' | 'flag' | 'text' | 'list';

export interface Column extends FieldMeta {
  name: FieldName;
  kind: ColumnKind;
  min: number;
  max: number;
  integer: boolean;
}

export type FieldName = keyof typeof sampleFields;

/** Every field of a sample in a fixed order, read off the zod schema: the stores and the fast check stand on this. */
export const columns: readonly Column[] = Object.entries(sampleFields).map(([name, schema]) => describe(name, schema));

export const columnByName: ReadonlyMap<string, Column> = new Map(columns.map((column) => [column.name, column]));

/** Numeric fields a rollup keeps, with whether a mean of them makes sense. */
export const rollupColumns: readonly Column[] = columns.filter((c) => c.kind === 'number' && c.rollup !== 'none');

/** Numeric fields by name. */
export type NumericField = {
  [K in FieldName]: z.infer<(typeof sampleFields)[K]> extends number | undefined ? K : never;
}[FieldName];

function describe(name: string, schema: z.ZodType): Column {
  const meta = schema.meta() as unknown as FieldMeta;
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  const base = {
    ...meta,
    name: name as FieldName,
    min: -Infinity,
    max: Infinity,
    integer: false,
  };
  if (inner instanceof z.ZodNumber) {
    return {
      ...base,
      kind: 'number',
      min: inner.minValue ?? -Infinity,
      max: inner.maxValue ?? Infinity,
      integer: inner.format === 'safeint',
    };
  }
  if (inner instanceof z.ZodBoolean) return { ...base, kind: 'flag' };
  if (inner instanceof z.ZodString) return { ...base, kind: 'text' };
  if (inner instanceof z.ZodArray) return { ...base, kind: 'list' };
  throw new TypeError(`field ${name}: no column kind for its schema`);
}
