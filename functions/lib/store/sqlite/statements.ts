import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A connection with its prepared statements, by their text. */
export interface Connection {
  db: DatabaseSync;
  sql(text: string): StatementSync;
  /** A statement whose rows are arrays. */
  arrays(text: string): StatementSync;
}

/** Statements kept prepared: a few dozen fixed ones, and one for each shape of sample and number of rows. */
const maxStatements = 512;

export function connection(db: DatabaseSync): Connection {
  return { db, sql: statementCache(db, false), arrays: statementCache(db, true) };
}

function statementCache(db: DatabaseSync, returnArrays: boolean): (text: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (text) => {
    const known = prepared.get(text);
    if (known) return known;
    if (prepared.size >= maxStatements) prepared.clear();
    const statement = db.prepare(text);
    statement.setReturnArrays(returnArrays);
    prepared.set(text, statement);
    return statement;
  };
}

/** Rows that go to one statement at most; more gain nothing (performance facts), fewer cost a call each. */
export const maxAtOnce = 20;

/** Texts of a statement by how many it takes at once, each made once: long texts cost more to make than to run. */
export function textBySize(make: (size: number) => string): (size: number) => string {
  const texts = new Map<number, string>();
  return (size) => {
    const known = texts.get(size);
    if (known !== undefined) return known;
    const text = make(size);
    texts.set(size, text);
    return text;
  };
}

/** A list in pieces that one statement takes each. */
export function* atOnce<T>(list: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < list.length; from += maxAtOnce) yield list.slice(from, from + maxAtOnce);
}
