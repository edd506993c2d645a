import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startFlags } from './measured-process.ts';

it('measures with the flags that entry.js starts with', () => {
  const entry = readFileSync(new URL('../entry.js', import.meta.url), 'utf8');
  const given = /name === 'start' \? \[(.*?)\]/.exec(entry)?.[1];
  expect(given).toBe(startFlags.map((flag) => `'${flag}'`).join(', '));
});
