import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

it('runs at most its limit at a time, the others in their order, failures included', async () => {
  const slots = new Slots(3);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const task = (index: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    order.push(index);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (index % 7 === 0) throw new Error('no');
  };
  const indexes = [...Array(5_000).keys()];
  await Promise.allSettled(indexes.map((index) => slots.run(task(index))));
  expect(most).toBe(3);
  expect(order).toEqual(indexes);
  await expect(slots.run(async () => 'free again')).resolves.toBe('free again');
});
