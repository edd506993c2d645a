import { describe, expect, it } from 'vitest';
import { createRecentChanges } from './recent-changes.ts';

const range = { fromMs: 100, toMs: 200 };

describe('recent changes', () => {
  it('tell whether everything since a version was outside of a range', () => {
    const changes = createRecentChanges();
    changes.note(1, { fromMs: 150, toMs: 150 });
    changes.note(1, { fromMs: 0, toMs: 99 });
    changes.note(1, { fromMs: 201, toMs: 300 });
    expect(changes.allOutside(1, 5, 7, range)).toBe(true);
    expect(changes.allOutside(1, 4, 7, range)).toBe(false);
    expect(changes.allOutside(1, 5, 5, range)).toBe(true);
  });

  it('hold for nothing that they do not know: another process, a restart, long ago', () => {
    const changes = createRecentChanges();
    expect(changes.allOutside(1, 0, 1, range)).toBe(false);
    changes.note(1, { fromMs: 0, toMs: 0 });
    expect(changes.allOutside(1, 0, 2, range)).toBe(false);
    expect(changes.allOutside(2, 1, 2, range)).toBe(false);
    for (let version = 3; version < 100; version++) changes.note(1, { fromMs: 0, toMs: 0 });
    expect(changes.allOutside(1, 1, 99, range)).toBe(false);
    expect(changes.allOutside(1, 90, 99, range)).toBe(true);
    changes.forget();
    expect(changes.allOutside(1, 90, 99, range)).toBe(false);
  });
});
