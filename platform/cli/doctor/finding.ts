/** What a check found. A problem makes the command end with 1; a hint is worth knowing. */
export interface Finding {
  check: string;
  level: 'ok' | 'hint' | 'problem';
  says: string;
  /** What to do; absent where all is well. */
  advice?: string;
}

export interface Check {
  ok(says: string): Finding;
  hint(says: string, advice: string): Finding;
  problem(says: string, advice: string): Finding;
}

export function check(name: string): Check {
  const found = (level: Finding['level'], says: string, advice?: string): Finding => ({
    check: name,
    level,
    says,
    ...(advice !== undefined && { advice }),
  });
  return {
    ok: (says) => found('ok', says),
    hint: (says, advice) => found('hint', says, advice),
    problem: (says, advice) => found('problem', says, advice),
  };
}

export function span(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 2) return `${Math.round(Math.abs(ms) / 1_000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
