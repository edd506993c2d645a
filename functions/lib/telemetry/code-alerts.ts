import type { Sample } from './sample.ts';

/** A trouble code that appeared or went away. */
export interface CodeChange {
  timeMs: number;
  kind: 'code-set' | 'code-cleared';
  code: string;
}

/**
 * What changed between neighbouring readings of the stored codes.
 *
 * @param readings samples with `codesStored` in order of time; the first is what was known before
 */
export function codeChanges(before: Sample | undefined, readings: readonly Sample[]): CodeChange[] {
  const changes: CodeChange[] = [];
  let known = new Set(before?.codesStored ?? []);
  for (const { timeMs, codesStored } of readings) {
    const now = new Set(codesStored ?? []);
    for (const code of now) if (!known.has(code)) changes.push({ timeMs, kind: 'code-set', code });
    for (const code of known) if (!now.has(code)) changes.push({ timeMs, kind: 'code-cleared', code });
    known = now;
  }
  return changes;
}
