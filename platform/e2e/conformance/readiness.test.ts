import { expect, test } from 'vitest';
import { eventually } from '../program.ts';
import { aBroker, aTrigger, uniqueName } from './resources.ts';
import { aSubscriber } from './subscriber.ts';
import { openTarget } from './target.ts';
import { ids, send } from './world.ts';

test('a trigger without its broker is not Ready, and is once the broker is there', async () => {
  const target = await openTarget();
  const [broker, trigger] = [uniqueName('broker'), uniqueName('trigger')];
  const subscriber = await aSubscriber(target);
  await target.apply([aTrigger(trigger, broker, subscriber.uri)], false);
  expect(await target.ready('Trigger', trigger)).not.toBe('True');
  expect(await send(target, broker)).toBe(404);

  await target.apply([aBroker(broker)]);
  await eventually('a Ready trigger', async () => (await target.ready('Trigger', trigger)) === 'True' || undefined);
  await eventually('an accepted event', async () => (await send(target, broker)) === 202 || undefined);
  await subscriber.atLeast(1);
  await target.quiet();
  expect(ids(subscriber)).toEqual(['1']);
});
