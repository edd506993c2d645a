import { describe, expect, it } from 'vitest';
import { commitGroup } from './commit.ts';
import type { CommitMessage } from './messages.ts';

const operationsOf = (...inputs: unknown[]): CommitMessage['operations'] =>
  inputs.map((input) => ({ name: 'probe', input }));

/** A transaction that fails with an error of this code while it has a bad operation. */
function transactionOn(errcode: number | undefined) {
  const groups: unknown[][] = [];
  const transaction = (operations: CommitMessage['operations']) => {
    const inputs = operations.map(({ input }) => input);
    groups.push(inputs);
    if (inputs.includes('bad')) throw Object.assign(new Error('it failed'), errcode === undefined ? {} : { errcode });
    return inputs;
  };
  return { groups, transaction };
}

describe('a commit group', () => {
  it.each([
    ['a constraint (SQLITE_CONSTRAINT_NOTNULL)', 1299],
    ['an error of the program', undefined],
  ])('that fails by %s is tried again, each operation alone', (_, errcode) => {
    const { groups, transaction } = transactionOn(errcode);
    const failed = { failed: 'it failed', code: errcode ?? null };
    expect(commitGroup(operationsOf(1, 'bad', 2), transaction)).toEqual([{ value: 1 }, failed, { value: 2 }]);
    expect(groups).toEqual([[1, 'bad', 2], [1], ['bad'], [2]]);
  });

  it.each([
    ['a failed fsync (SQLITE_IOERR_FSYNC)', 1034],
    ['a full disk (SQLITE_FULL)', 13],
    ['a locked file (SQLITE_BUSY)', 5],
    ['a read-only file (SQLITE_READONLY)', 8],
  ])('that fails by %s is not tried again', (_, errcode) => {
    const { groups, transaction } = transactionOn(errcode);
    const failed = { failed: 'it failed', code: errcode };
    expect(commitGroup(operationsOf(1, 'bad', 2), transaction)).toEqual([failed, failed, failed]);
    expect(groups).toHaveLength(1);
  });
});
