import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from './clock.ts';

it('waits its longest where it is told to wait longer than a timer can count', async () => {
  let rung = false;
  onTestFinished(systemClock.after(30 * 86_400_000, () => (rung = true)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rung).toBe(false);
});
