import { expect, test } from 'vitest';
import type { DeadLetterSummary } from '../../../functions/query/answers.ts';
import { get, publish } from '../client.ts';
import { eventually } from '../program.ts';
import { openFleet, patienceMs } from './fleet.ts';
import { poison } from './poison.ts';

test('an event that cannot be processed becomes a dead letter, and is the same one again when it is replayed', {
  timeout: 2 * patienceMs,
}, async () => {
  const fleet = await openFleet();
  const id = `poison-${Date.now().toString(36)}`;
  await publish(fleet, { ...poison, id });
  const letter = (count: number) =>
    eventually(
      `the dead letter, ${count} times`,
      async () => {
        const { deadLetters } = await get<{ deadLetters: DeadLetterSummary[] }>(fleet, '/api/dead-letters');
        return deadLetters.find((one) => one.eventId === id && one.count >= count);
      },
      { withinMs: patienceMs / 2, everyMs: 1_000 },
    );
  const first = await letter(1);
  expect(first).toMatchObject({ vehicle: 'e2e-poison', type: poison.type, code: 422 });
  expect(first.destination).toContain('enrich');
  const replayed = await fetch(`${fleet.url}/api/dead-letters/${first.id}/replay`, { method: 'POST' });
  expect([replayed.status, await replayed.json()]).toEqual([202, { replayed: first.id }]);
  expect(await letter(2)).toMatchObject({ id: first.id, replayedAt: null });
});
