import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ADAPTER_ERRORS, ANSWER_ERRORS, ENCODE_ERRORS } from './errors.ts';
import { hexByte } from './hex.ts';
import { PIDS } from './pid-table.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the documentation lists every error code', () => {
  for (const code of [...ADAPTER_ERRORS, ...ANSWER_ERRORS, ...ENCODE_ERRORS]) expect(readme).toContain(`\`${code}\``);
});

test('the documentation lists the PIDs that are only raw, and no others', () => {
  const raw = PIDS.filter(({ values }) => values.every(({ kind }) => kind === 'raw')).map(({ pid }) => hexByte(pid));
  expect(readme).toContain(`raw only: ${raw.join(', ')}\n`);
});
