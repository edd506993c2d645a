import type { Connection } from './statements.ts';

/** Counts samples that were there already and said something else. */
export interface Conflicts {
  /** A condition of an upsert that holds always, and is asked only where there is a row already: new rows cost nothing. */
  condition(fields: readonly string[]): string;
  /** How many there were since it was asked last. */
  take(): number;
}

export function createConflicts({ db }: Connection): Conflicts {
  let count = 0;
  db.function('noteConflict', (differs) => {
    if (differs === 1) count++;
    return 1;
  });
  return {
    // What was not there before (NULL) is an addition; the same again is a repetition.
    condition: (fields) => `noteConflict(${fields.map((name) => `sample.${name} <> excluded.${name}`).join(' OR ')})`,
    take() {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
