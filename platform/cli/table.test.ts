import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatTable } from './table.ts';
import { processWorld } from './world.ts';

const columns = [
  { title: 'NAME', cell: (row: { name: string; n: number }) => row.name },
  { title: 'N', right: true, cell: (row: { name: string; n: number }) => String(row.n) },
];
const rows = [
  { name: 'a', n: 5 },
  { name: 'a longer name', n: 1_234 },
];

test('columns are aligned, numbers at the right', () => {
  expect(formatTable(columns, rows, { colour: false })).toBe(
    ['NAME              N', 'a                 5', 'a longer name  1234', ''].join('\n'),
  );
});

test('titles are bold where colours are seen, and nothing else changes', () => {
  const plain = formatTable(columns, rows, { colour: false });
  const coloured = formatTable(columns, rows, { colour: true });
  expect(coloured.startsWith('\u001b[1mNAME')).toBe(true);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});

test('a cell cannot steer the terminal', () => {
  const text = formatTable(columns, [{ name: '\u001b[2J\nevil\u009b', n: 1 }], { colour: false });
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u009b');
});

test('there are no colours where output is not a terminal, or NO_COLOR says so', () => {
  expect(processWorld({}).colour).toBe(process.stdout.isTTY === true);
  expect(processWorld({ NO_COLOR: '1' }).colour).toBe(false);
});
