import { expect, test } from 'vitest';
import type { StoreFacts } from '../../../functions/lib/store/sqlite/inspect.ts';
import { checkDisk } from './folder.ts';
import { checkStore } from './store.ts';
import { tokenFindings } from './tokens.ts';

const nowMs = Date.UTC(2026, 2, 10, 12);
const minuteMs = 60_000;
const healthy: StoreFacts = {
  faults: [],
  newerVersion: false,
  bytes: 5e6,
  logBytes: 0,
  newestReceivedMs: nowMs - 1_000,
  stepBack: null,
  pending: { count: 3, oldestMs: nowMs - 5_000 },
  rollup: { count: 3, oldestMs: nowMs - 5 * minuteMs },
  unsealed: { count: 0, oldestDayMs: null },
  sealDifferences: [],
  deadLetters: { count: 0, latestMs: null, reason: null },
  aheadErasures: [],
};
const found = (part: Partial<StoreFacts>, serverUp = true) =>
  checkStore({ ...healthy, ...part }, { nowMs, serverUp }).filter(({ level }) => level !== 'ok');

test('a healthy store has nothing to say, and every check says that it is well', () => {
  expect(found({})).toEqual([]);
  expect(checkStore(healthy, { nowMs, serverUp: true }).map(({ check }) => check)).toEqual([
    'store',
    'clock',
    'trips',
    'rollups',
    'seals',
    'dead letters',
  ]);
});

test.each<[string, Partial<StoreFacts>, string, RegExp, RegExp]>([
  ['damage', { faults: ['row 3 missing from index x'] }, 'problem', /row 3 missing/, /fleet restore/],
  ['a newer file', { newerVersion: true }, 'problem', /newer version/, /start that version/],
  ['a log that grows', { logBytes: 2e9 }, 'hint', /2000 MB/, /reads the file/],
  ['a clock behind', { newestReceivedMs: nowMs + 2 * 3_600_000 }, 'problem', /2 h behind/, /timedatectl/],
  ['a step back', { stepBack: { byMs: 3_600_000, toMs: nowMs } }, 'hint', /set back by 60 min, to 2026-03-10/, /meant/],
  [
    'an erasure ahead',
    { aheadErasures: [{ vehicle: 'car-1', untilMs: nowMs + 1 }] },
    'problem',
    /car-1 was erased by a clock/,
    /fleet erase --vehicle car-1 --no-tombstone/,
  ],
  ['lag', { pending: { count: 9, oldestMs: nowMs - 11 * minuteMs } }, 'problem', /9 .* for 11 min/, /dead-letters/],
  ['rollup lag', { rollup: { count: 9, oldestMs: nowMs - 21 * minuteMs } }, 'problem', /for 21 min/, /log/],
  [
    'a seal difference',
    { sealDifferences: [{ kind: 'trips', vehicle: 'car-1', dayMs: 0, differences: 2 }] },
    'problem',
    /2 trips of car-1 on 1970-01-01/,
    /report/,
  ],
  [
    'days that nobody seals',
    { unsealed: { count: 4, oldestDayMs: nowMs - 10 * 86_400_000 } },
    'hint',
    /4 vehicle-days/,
    /by the hour/,
  ],
  [
    'dead letters',
    { deadLetters: { count: 2, latestMs: nowMs - 3 * minuteMs, reason: 'no range' } },
    'problem',
    /^2, the latest 3 min ago: no range$/,
    /replay --all/,
  ],
])('%s is found, with what to do', (_, part, level, says, advice) => {
  expect(found(part)).toEqual([
    expect.objectContaining({ level, says: expect.stringMatching(says), advice: expect.stringMatching(advice) }),
  ]);
});

test('what waits while the server is down is no problem', () => {
  expect(found({ pending: { count: 9, oldestMs: 0 } }, false)).toMatchObject([{ level: 'hint' }]);
});

test('a clock that was never set is found', () => {
  const [finding] = checkStore(healthy, { nowMs: 1_000, serverUp: true }).filter(({ check }) => check === 'clock');
  expect(finding).toMatchObject({ level: 'problem', says: 'it says 1970-01-01T00:00:01.000Z' });
});

test('a disk with little room is a problem', () => {
  expect(checkDisk('/data', 999e6)).toMatchObject({ level: 'problem', says: expect.stringContaining('999 MB free') });
  expect(checkDisk('/data', 1e9)).toMatchObject({ level: 'ok' });
});

test('tokens: none, too many rights, and those that are over', () => {
  const token = { id: 'a', hashes: ['0'.repeat(64)], scopes: ['ingest' as const], vehicles: ['car-1'], createdAt: '' };
  const says = (...tokens: Parameters<typeof tokenFindings>[0]) =>
    tokenFindings(tokens, nowMs).map((finding) => `${finding.level} ${finding.says}`);
  expect(says()).toEqual(['hint no token may send']);
  expect(says(token)).toEqual(['ok 1 that may send']);
  expect(says({ ...token, expiresAt: new Date(nowMs).toISOString() })).toEqual([
    'hint no token may send',
    'hint expired: a',
  ]);
  expect(says({ ...token, scopes: ['admin', 'ingest'], vehicles: ['*'], label: 'boss' })).toEqual([
    'ok 1 that may send',
    'hint may erase and read everything: a (boss)',
    'hint may send for any vehicle: a (boss)',
  ]);
});
