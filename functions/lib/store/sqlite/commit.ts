import type { CommitMessage, Failure, Outcome } from './messages.ts';

type Operations = CommitMessage['operations'];

/**
 * Commits a group, which fails as a whole. Where the fault is an operation's own, each is tried alone, so that a bad one
 * takes no neighbour with it; where it is the disk's, a second try could find a failed fsync forgotten, and lie.
 *
 * @param transaction answers a result for each operation, or throws and has left nothing
 */
export function commitGroup(operations: Operations, transaction: (operations: Operations) => unknown[]): Outcome[] {
  try {
    return transaction(operations).map((value) => ({ value }));
  } catch (cause) {
    if (operations.length > 1 && isOwnFault(cause)) {
      return operations.flatMap((operation) => commitGroup([operation], transaction));
    }
    return operations.map(() => failure(cause));
  }
}

/** SQLITE_ERROR, TOOBIG, CONSTRAINT, MISMATCH and RANGE, or no error of SQLite's at all. */
const ownFaults = new Set([1, 18, 19, 20, 25]);

function isOwnFault(cause: unknown): boolean {
  const { code } = failure(cause);
  return code === null || ownFaults.has(code & 0xff);
}

/** An error as it crosses to the other thread. */
export function failure(cause: unknown): Failure {
  const { message, errcode } = cause as { message?: string; errcode?: number };
  return { failed: message ?? String(cause), code: errcode ?? null };
}
