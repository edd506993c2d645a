import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../telemetry/events.ts';
import { newVehicle, noonMs, type OpenStore, useStore } from './fixtures.ts';

export function deadLetterContract(open: OpenStore): void {
  describe('dead letters', () => {
    const use = useStore(open);

    const eventOf = (id: string): CloudEvent => ({
      specversion: '1.0',
      id,
      source: '/tests',
      type: 'fleet.telemetry.accepted',
      subject: newVehicle(),
      data: { samples: ['ünïcode', null, 1.5] },
    });
    const put = (event: CloudEvent, nowMs: number, destination = '/enrich', code: number | null = 422) =>
      use.store.putDeadLetter({ event, destination, code, reason: `answer ${code}` }, nowMs);
    const listed = async (event: CloudEvent) =>
      (await use.store.listDeadLetters({ withReplayed: true, limit: 100 })).filter((l) => l.event.id === event.id);

    it('are counted, not doubled, for the same event and destination', async () => {
      const event = eventOf('a');
      await put(event, noonMs);
      await put(event, noonMs + 5, '/enrich', null);
      const [letter, ...more] = await listed(event);
      expect(more).toEqual([]);
      expect(letter).toEqual({
        id: letter?.id,
        event,
        destination: '/enrich',
        code: null,
        reason: 'answer null',
        firstMs: noonMs,
        lastMs: noonMs + 5,
        count: 2,
        replayedMs: null,
      });
      expect(await use.store.readDeadLetter(letter?.id as string)).toEqual(letter);
      await put(event, noonMs, '/trip-segment');
      await put({ ...event, source: '/other' }, noonMs);
      expect(await listed(event)).toHaveLength(3);
    });

    it('are listed latest first, and counted', async () => {
      const before = await use.store.countDeadLetters();
      const events = [eventOf('b'), eventOf('c'), eventOf('d')];
      for (const [i, step] of [10, 30, 20].entries()) await put(events[i] as CloudEvent, noonMs + step);
      expect(await use.store.countDeadLetters()).toBe(before + 3);
      const letters = await use.store.listDeadLetters({ limit: 2 });
      expect(letters.map(({ event }) => event.id)).toEqual(['c', 'd']);
      expect(await use.store.readDeadLetter('nothing')).toBeUndefined();
    });

    it('leave the list once replayed, and come back when they fail again', async () => {
      const event = eventOf('e');
      await put(event, noonMs + 100);
      const open = await use.store.countDeadLetters();
      const { id } = (await listed(event))[0] as { id: string };
      await use.store.markReplayed(id, noonMs + 200);
      expect(await use.store.countDeadLetters()).toBe(open - 1);
      expect((await use.store.listDeadLetters({ limit: 100 })).map((letter) => letter.id)).not.toContain(id);
      expect(await listed(event)).toMatchObject([{ replayedMs: noonMs + 200, count: 1 }]);
      await put(event, noonMs + 300);
      expect(await listed(event)).toMatchObject([{ replayedMs: null, count: 2 }]);
      expect(await use.store.countDeadLetters()).toBe(open);
      // It failed again before it could be marked.
      await use.store.markReplayed(id, noonMs + 300);
      expect(await listed(event)).toMatchObject([{ replayedMs: null, count: 2 }]);
    });
  });
}
