import type { Erasure } from '../port.ts';
import type { EncodedRows } from '../rows.ts';
import type { Layout } from './layout.ts';
import type { Reads } from './reads.ts';
import type { Writes } from './writes.ts';

export interface WorkerSetup {
  path: string;
  role: 'writer' | 'reader';
  layout: Layout;
}

/** What a thread is told last: it finishes what came before, closes the file and ends. */
export const closeMessage = 'close';

/** What the writer puts into one transaction. */
export interface CommitMessage {
  operations: { name: keyof Writes; input: unknown }[];
}

/** Appends of a commit group, as one operation. */
export interface AppendInput {
  rows: EncodedRows;
  /** The first row of each append; the answer names the receipt that covers it. */
  firstRows: number[];
  receivedMs: number;
}

/** Of each append its receipt, or the erasures that refuse it. */
export type Answers = (string | Erasure[])[];

/** What came of a commit group. */
export interface Committed {
  /** Of each operation. */
  outcomes: Outcome[];
  /** Samples that were found to be there already with another value. */
  merged: number;
}

export interface ReadMessage {
  id: number;
  name: keyof Reads;
  input: unknown;
}

export type Outcome = Failure | { value: unknown };

/** An error across the thread boundary; `code` is SQLite's extended result code. */
export interface Failure {
  failed: string;
  code: number | null;
}

export type Input<F> = F extends (input: infer I) => unknown ? I : undefined;
export type Result<F> = F extends (...args: never[]) => infer R ? R : never;
