import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Tokens } from './authenticator.ts';
import { withFileLock } from './file-lock.ts';
import { indexTokens, isInForce, type TokenIndex, type TokenRecord, tokenRecordSchema, verify } from './tokens.ts';
import { writeAtomic } from './write-atomic.ts';

/** The text of `tokens.json`; as a Kubernetes Secret it is the same file. */
export const tokenFileSchema = z.strictObject({
  tokens: z.array(tokenRecordSchema).refine((tokens) => new Set(tokens.map(({ id }) => id)).size === tokens.length, {
    error: 'two tokens have the same id',
  }),
});

/** The file cannot be used. The message names it and, where there is one, the key. */
export class TokenFileError extends Error {}

export interface TokenFileOptions {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Called when a changed file is broken; the last good records stay in force. */
  onError?(error: TokenFileError): void;
}

export interface TokenFile extends Tokens {
  /** The record of a presented token; reads the file again when it has changed. Never throws. */
  find: Tokens['find'];
  /** All records as the file has them now. Throws TokenFileError. */
  list(): readonly TokenRecord[];
  /** Adds a record; an existing one of the same id is replaced. Rejects with TokenFileError or LockTimeout. */
  add(record: TokenRecord): Promise<void>;
  /** Puts what `edit` makes of a record in its place; answers whether there was one. Rejects with what `edit` throws. */
  replace(id: string, edit: (record: TokenRecord) => TokenRecord): Promise<boolean>;
  /** Removes a record; answers whether there was one. */
  revoke(id: string): Promise<boolean>;
}

/** How often the file is looked at while tokens are used: a revocation is in force after this. */
const lookEveryMs = 1_000;
/** An unknown token makes us look at once (it may be brand new); so many looks in vain, and guessing hammers no disk. */
const vainLooksPerS = 5;

/**
 * The tokens of one file. A missing file means no tokens. Throws TokenFileError when the file is there and broken: a
 * process should not start on it, while one that runs keeps the last good records.
 */
export function openTokenFile(path: string, { now, onError }: TokenFileOptions): TokenFile {
  let index: TokenIndex = new Map();
  let seen = '';
  let periodMs = now();
  let vainLooks = 0;

  function look(): void {
    const mark = fileMark(path);
    if (mark === seen) return;
    index = indexTokens(readTokens(path));
    seen = mark;
  }

  /** Answers whether the file had changed. */
  function lookSafely(): boolean {
    const before = seen;
    try {
      look();
    } catch (error) {
      // Remembered as seen, so that a broken file is parsed and reported once and not on every use.
      seen = fileMark(path);
      if (seen !== before) onError?.(error as TokenFileError);
    }
    return seen !== before;
  }

  /** Answers whether `edit` changed anything; it is asked again when the lock was lost meanwhile. */
  async function change(edit: (tokens: readonly TokenRecord[]) => TokenRecord[] | undefined): Promise<boolean> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (;;) {
      const outcome = await withFileLock(`${path}.lock`, async (held) => {
        const tokens = edit(readTokens(path));
        if (!tokens) return 'same';
        return (await writeAtomic(path, `${JSON.stringify({ tokens }, null, 2)}\n`, held)) ? 'written' : 'lost';
      });
      if (outcome === 'lost') continue;
      look();
      return outcome === 'written';
    }
  }

  look();

  return {
    find(presented, before) {
      const nowMs = now();
      if (nowMs - periodMs >= lookEveryMs || nowMs < periodMs) {
        periodMs = nowMs;
        vainLooks = 0;
        lookSafely();
      }
      if (before && isInForce(index, before, nowMs)) return before;
      const known = verify(index, presented, nowMs);
      if (known || vainLooks >= vainLooksPerS) return known;
      if (!lookSafely()) vainLooks++;
      return verify(index, presented, nowMs);
    },
    list: () => readTokens(path),
    add: async (record) => {
      await change((tokens) => [...tokens.filter(({ id }) => id !== record.id), record]);
    },
    replace: (id, edit) =>
      change((tokens) =>
        has(tokens, id) ? tokens.map((token) => (token.id === id ? edit(token) : token)) : undefined,
      ),
    revoke: (id) => change((tokens) => (has(tokens, id) ? tokens.filter((token) => token.id !== id) : undefined)),
  };
}

function has(tokens: readonly TokenRecord[], id: string): boolean {
  return tokens.some((token) => token.id === id);
}

function readTokens(path: string): TokenRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return [];
    throw new TokenFileError(`${path}: ${(error as Error).message}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text; hashes are no secret, but need not be in a log either.
    throw new TokenFileError(`${path}: not JSON`);
  }
  const parsed = tokenFileSchema.safeParse(value);
  if (parsed.success) return parsed.data.tokens;
  const issue = parsed.error.issues[0];
  throw new TokenFileError(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/** What changes whenever the file does; a Kubernetes Secret is swapped by a link, which changes the inode. */
function fileMark(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true });
    return `${mtimeNs}:${size}:${ino}`;
  } catch (error) {
    return isMissing(error) ? 'missing' : `unreadable: ${(error as Error).message}`;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
