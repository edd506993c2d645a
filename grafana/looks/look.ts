import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { type RowLink, rowLinks } from '../parts/links.ts';

/** A colour from a value on; `null` is from the least. */
export type Step = readonly [from: number | null, colour: string];

/** How a column or series looks, wherever it comes. */
export interface Look {
  name: string;
  unit?: string;
  decimals?: number;
  colour?: string;
  steps?: readonly Step[];
  /** Texts with a colour of their own. */
  words?: Record<string, { text: string; colour: string }>;
  min?: number;
  max?: number;
  width?: number;
  axis?: 'right';
  /** In tables: a bar in the cell, a coloured text, or no column at all. */
  cell?: 'bar' | 'colour' | 'hidden';
  link?: RowLink;
}

export const kmh = { unit: 'velocitykmh', decimals: 0, min: 0 };
export const km = { unit: 'lengthkm', decimals: 1 };
export const metres = { unit: 'lengthm', decimals: 0 };
export const celsius = { unit: 'celsius', decimals: 0 };
export const percent = { unit: 'percent', decimals: 0, min: 0, max: 100 };
export const hours = { unit: 'h', decimals: 1 };
/** Seconds, shown as hours and minutes. */
export const duration = { unit: 'dtdurations', decimals: 0 };
export const count = { unit: 'short', decimals: 0 };

/** The first colour holds from the least value on, each other from its own. */
export const steps = (first: string, ...others: [from: number, colour: string][]): Step[] => [[null, first], ...others];
/** The more, the worse. */
export const bad = (orange: number, red: number): Step[] => steps('green', [orange, 'orange'], [red, 'red']);

/** A look as Grafana's field properties, for any panel. */
export function properties({ name, unit, decimals, colour, steps, words, min, max, link }: Look): DynamicConfigValue[] {
  return set({
    displayName: name,
    unit,
    decimals,
    min,
    max,
    color: colour ? { mode: 'fixed', fixedColor: colour } : steps && { mode: 'thresholds' },
    thresholds: steps && { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
    mappings: words && [{ type: 'value', options: texts(words) }],
    links: link && [rowLinks[link]],
  });
}

/** What only a table knows. */
export const tableProperties = ({ width, cell }: Look): DynamicConfigValue[] =>
  set({
    'custom.width': width,
    // Grafana 12 and before know the first, newer ones the second.
    'custom.hidden': cell === 'hidden' || undefined,
    'custom.hideFrom': cell === 'hidden' ? { viz: true, legend: false, tooltip: false } : undefined,
    'custom.cellOptions': cell && cell !== 'hidden' ? cellOptions[cell] : undefined,
    noValue: '–',
  });

/** What only a time chart knows. */
export const chartProperties = ({ axis }: Look): DynamicConfigValue[] => set({ 'custom.axisPlacement': axis });

const cellOptions = { bar: { type: 'gauge', mode: 'basic' }, colour: { type: 'color-text' } };

const texts = (words: NonNullable<Look['words']>) =>
  Object.fromEntries(
    Object.entries(words).map(([word, { text, colour }], index) => [word, { text, color: colour, index }]),
  );

const set = (values: Record<string, unknown>): DynamicConfigValue[] =>
  Object.entries(values).flatMap(([id, value]) => (value === undefined ? [] : [{ id, value }]));
