import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../functions/lib/store/port.ts';
import { createAdmission, NoRoom } from './admission.ts';

const MiB = 1_048_576;

/** An admission under a clock moved by hand; `turn` lets the event loop go round once, after so much work. */
function setUp(storeBusy: () => StoreUnavailable | undefined = () => undefined) {
  let nowMs = 0;
  const refused: string[] = [];
  const admission = createAdmission(
    storeBusy,
    (code) => refused.push(code),
    () => nowMs,
  );
  return {
    admission,
    refused,
    /** Requests of so much work each, all waiting when the turn begins; answers how many were taken. */
    async turn(requests: number, workMs: number): Promise<number> {
      let taken = 0;
      for (let i = 0; i < requests; i++) {
        if (admission.refusal()) continue;
        taken++;
        nowMs += workMs;
      }
      await new Promise((resolve) => setImmediate(resolve));
      return taken;
    },
    wait(ms: number) {
      nowMs += ms;
    },
  };
}

test('one long turn is no overload, and neither is a full but quick loop', async () => {
  const { turn, wait } = setUp();
  expect(await turn(10, 45)).toBe(10);
  for (let i = 0; i < 100; i++) expect(await turn(9, 10)).toBe(9);
  wait(10_000);
  expect(await turn(10, 45)).toBe(10);
});

test('turns that stay too long take on only so much each, until one is short again', async () => {
  const { turn, refused } = setUp();
  for (let i = 0; i < 2; i++) expect(await turn(20, 10)).toBe(20);
  expect(await turn(20, 10)).toBe(11);
  expect(await turn(50, 10)).toBe(11);
  expect(refused).toHaveLength(9 + 39);
  expect(new Set(refused)).toEqual(new Set(['overloaded']));
  expect(await turn(5, 10)).toBe(5);
  expect(await turn(20, 10)).toBe(20);
});

test('says when to come again, in the words of the store where it is that', () => {
  const { admission, refused } = setUp(() => new StoreUnavailable('stuck', { retryAfterS: 5 }));
  const answer = admission.refusal()?.answer;
  expect([answer?.status, answer?.headers['retry-after'], refused]).toEqual([503, '5', ['store-unavailable']]);
});

test('bodies and requests under way are bounded, and make room when they are done', () => {
  const { admission } = setUp();
  admission.enter();
  admission.hold(64 * MiB);
  expect(() => admission.hold(1)).toThrow(NoRoom);
  admission.leave(64 * MiB + 1, 0);
  for (let i = 0; i <= 2_048; i++) admission.enter();
  expect(admission.refusal()?.answer.headers['retry-after']).toMatch(/^[123]$/);
  admission.leave(0, 0);
  expect(admission.refusal()).toBeUndefined();
  expect(() => admission.hold(64 * MiB)).not.toThrow();
});

test('bodies that are worked on are bounded, but for one alone; the others wait for their turn', async () => {
  const { admission, refused } = setUp();
  const begun: string[] = [];
  const begin = async (name: string, bytes: number) => {
    const turn = admission.begin(bytes);
    if (turn) await turn;
    begun.push(name);
  };
  const order = [begin('large', 20 * MiB), begin('small', 1)];
  for (const name of ['a', 'b', 'c']) order.push(begin(name, 2 * MiB));
  expect(begun).toEqual(['large']);
  admission.leave(20 * MiB, 20 * MiB);
  await order[2];
  expect(begun).toEqual(['large', 'small', 'a']);
  admission.leave(1, 1);
  await order[3];
  order.push(begin('d', 1));
  expect(begun.slice(3)).toEqual(['b']);
  for (let i = 0; i < 2; i++) admission.leave(2 * MiB, 2 * MiB);
  await Promise.all(order);
  expect(begun.slice(4)).toEqual(['c', 'd']);
  expect(refused).toEqual([]);
  for (let i = 0; i < 3; i++) expect(admission.begin(4 * MiB)).toBeInstanceOf(Promise);
  expect(() => admission.begin(1)).toThrow(NoRoom);
  expect(refused).toEqual(['overloaded']);
});

test('a body larger than all that may wait waits where it is the only one', () => {
  const { admission } = setUp();
  admission.begin(1);
  expect(admission.begin(13 * MiB)).toBeInstanceOf(Promise);
  expect(() => admission.begin(1)).toThrow(NoRoom);
});
