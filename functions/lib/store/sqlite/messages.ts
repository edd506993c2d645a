import type { Reads } from './reads.ts';
import type { Writes } from './writes.ts';

export interface WorkerSetup {
  path: string;
  role: 'writer' | 'reader';
}

/** What the writer puts into one transaction. */
export interface CommitMessage {
  operations: { name: keyof Writes; input: unknown }[];
}

export interface ReadMessage {
  id: number;
  name: keyof Reads;
  input: unknown;
}

/** An error across the thread boundary; `code` is SQLite's extended result code. */
export interface Failure {
  failed: string;
  code: number | null;
}
