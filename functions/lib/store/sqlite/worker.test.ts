import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('loads no package in the threads: zod alone would double the time to open', () => {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const follow = (file: URL) => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm,
    )) {
      if (specifier?.startsWith('.')) follow(new URL(specifier, file));
      else if (!specifier?.startsWith('node:')) packages.add(`${specifier} by ${file.pathname.split('/').at(-1)}`);
    }
  };
  follow(new URL('./worker.ts', import.meta.url));
  expect(seen.size).toBeGreaterThan(10);
  expect([...packages]).toEqual([]);
});
