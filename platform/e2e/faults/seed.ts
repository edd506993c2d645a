import { type Random, randomFor } from '../../simulator/random.ts';

/** Of this run: `FAULT_SEED=… npm run test:faults` runs the same faults again. */
export const seed = whole('FAULT_SEED') ?? Date.now() % 1_000_000;

/** Rounds of kill -9: `FAULT_ROUNDS=200` for a long run. */
export const killRounds = whole('FAULT_ROUNDS') ?? 20;

/** Randomness of one test, and the line that lets it be run again. */
export function seeded(name: string): Random {
  console.log(`${name}: FAULT_SEED=${seed}`);
  return randomFor(name, seed);
}

function whole(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number`);
  return Number(text);
}
