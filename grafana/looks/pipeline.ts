import { bad, count, type Look, percent, steps } from './look.ts';

const seconds = { unit: 's', decimals: 0, min: 0 };
const mustBeZero = { ...count, steps: steps('green', [1, 'red']) };
const share = { ...percent, decimals: 1, steps: bad(5, 25) };

/** What receipts and dead letters say. */
export const pipelineLooks = {
  pending: { name: 'Pending', ...count, steps: bad(100, 1_000) },
  unrolled: { name: 'Not rolled up', ...count },
  drivenAgain: { name: 'Driven again', ...count, steps: bad(1, 100) },
  oldest: { name: 'Oldest sample', unit: 'dateTimeFromNow' },
  samplesPerS: { name: 'Samples a second', unit: 'cps', decimals: 1, min: 0, colour: 'blue' },
  meanLagS: { name: 'Mean', ...seconds, colour: 'blue' },
  worstLagS: { name: 'Worst', ...seconds, colour: 'orange' },
  received: { name: 'Received', ...count },
  stored: { name: 'Stored', ...count },
  latePct: { name: 'Late', ...share },
  duplicatePct: { name: 'Twice', ...share },
  deadLetters: { name: 'Dead letters', ...mustBeZero },
  sealDifferences: { name: 'Sealing differences', ...mustBeZero },
  destination: { name: 'Destination' },
  code: { name: 'Status', decimals: 0, width: 80 },
  reason: { name: 'Reason' },
  count: { name: 'Times', ...count, width: 70 },
  replayed: { name: 'Replayed', width: 90 },
} satisfies Record<string, Look>;
