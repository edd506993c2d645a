import { styleText } from 'node:util';
import type { World } from './world.ts';

export interface Column<Row> {
  title: string;
  /** Numbers stand at the right. */
  right?: boolean;
  cell(row: Row): string;
}

/** Rows as aligned columns under titles, two spaces apart; the titles are bold where colours are seen. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { colour }: Pick<World, 'colour'>,
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const format = (line: readonly string[]) =>
    columns
      .map(({ right }, i) => (right ? line[i]?.padStart(widths[i] ?? 0) : line[i]?.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const head = format(columns.map(({ title }) => title));
  const bold = colour ? styleText('bold', head, { validateStream: false }) : head;
  return `${[bold, ...cells.map(format)].join('\n')}\n`;
}

/** Text from a server must not be able to steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
