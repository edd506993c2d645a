import { describe, expect, test } from 'vitest';
import { aBroker, aTrigger, type TriggerSpec, uniqueName } from './resources.ts';
import { openTarget } from './target.ts';
import { aWorld, ids, send } from './world.ts';

const attributes = {
  type: 'conformance.asked',
  source: '/conformance/a',
  subject: 'car-1',
  fleetshard: '2',
};
const yes = { exact: { subject: 'car-1' } };
const no = { exact: { subject: 'car-2' } };

/** What a trigger says, and whether an event of the attributes above passes it. */
const filters: [what: string, spec: TriggerSpec, passes: boolean][] = [
  ['no filter', {}, true],
  ['an empty filter', { filter: { attributes: {} } }, true],
  ['attributes that are equal', { filter: { attributes: { type: attributes.type, subject: 'car-1' } } }, true],
  ['an attribute that differs', { filter: { attributes: { type: attributes.type, subject: 'car-2' } } }, false],
  ['an attribute that differs in case', { filter: { attributes: { subject: 'CAR-1' } } }, false],
  ['an extension that is equal', { filter: { attributes: { fleetshard: '2' } } }, true],
  ['an attribute that is there', { filter: { attributes: { subject: '' } } }, true],
  ['an attribute that is missing', { filter: { attributes: { missing: '' } } }, false],
  ['exact', { filters: [yes] }, true],
  ['exact, of another value', { filters: [no] }, false],
  ['exact, of a missing attribute', { filters: [{ exact: { missing: 'x' } }] }, false],
  ['prefix', { filters: [{ prefix: { type: 'conformance.' } }] }, true],
  ['prefix, of another value', { filters: [{ prefix: { type: 'asked' } }] }, false],
  ['prefix, of a missing attribute', { filters: [{ prefix: { missing: 'x' } }] }, false],
  ['suffix', { filters: [{ suffix: { type: '.asked' } }] }, true],
  ['suffix, of another value', { filters: [{ suffix: { type: 'conformance' } }] }, false],
  ['suffix, of a missing attribute', { filters: [{ suffix: { missing: 'x' } }] }, false],
  ['all', { filters: [{ all: [yes, { prefix: { type: 'conformance' } }] }] }, true],
  ['all, of which one fails', { filters: [{ all: [yes, no] }] }, false],
  ['any', { filters: [{ any: [no, yes] }] }, true],
  ['any, of which none holds', { filters: [{ any: [no, { suffix: { type: 'x' } }] }] }, false],
  ['not', { filters: [{ not: no }] }, true],
  ['not, of what holds', { filters: [{ not: yes }] }, false],
  ['cesql', { filters: [{ cesql: "type LIKE 'conformance.%' AND fleetshard = 2" }] }, true],
  ['cesql that is false', { filters: [{ cesql: "subject IN ('car-2', 'car-3')" }] }, false],
  ['cesql with an error', { filters: [{ cesql: 'missing = 1 OR TRUE' }] }, false],
  ['cesql with an error, though its value is true', { filters: [{ cesql: 'NOT 10' }] }, false],
  ['an array, of which all hold', { filters: [yes, { prefix: { source: '/conformance' } }] }, true],
  ['an array, of which one fails', { filters: [yes, no] }, false],
  ['all in any in not', { filters: [{ not: { any: [no, { all: [yes, no] }] } }] }, true],
  ['cesql in any in all', { filters: [{ all: [{ any: [no, { cesql: 'EXISTS subject' }] }] }] }, true],
  ['filters, which override the filter', { filter: { attributes: { subject: 'car-2' } }, filters: [yes] }, true],
  ['filters, also where they fail', { filter: { attributes: { subject: 'car-1' } }, filters: [no] }, false],
  ['empty filters, which leave the filter', { filter: { attributes: { subject: 'car-2' } }, filters: [] }, false],
  ['empty filters, and a filter that holds', { filter: { attributes: { subject: 'car-1' } }, filters: [] }, true],
];

test(`${filters.length} filters let through what they should`, async () => {
  const { target, send, subscribers } = await aWorld(filters.map(([, spec]) => spec));
  expect(await send({ attributes })).toBe(202);
  for (const [index, [, , passes]] of filters.entries()) if (passes) await subscribers[index]?.atLeast(1);
  await target.quiet();
  const passed = filters.map(([what], index) => [what, subscribers[index]?.received.length === 1]);
  expect(passed).toEqual(filters.map(([what, , passes]) => [what, passes]));
});

describe('a trigger is refused', () => {
  const names = ['Type', 'a b', 'a_b', 'a-b', '1a', 'typé'];
  const refused: [string, TriggerSpec][] = [
    ...names.flatMap((name): [string, TriggerSpec][] => [
      [`the attribute ${name} in filter`, { filter: { attributes: { [name]: 'x' } } }],
      [`the attribute ${name} in exact`, { filters: [{ exact: { [name]: 'x' } }] }],
      [`the attribute ${name} in prefix`, { filters: [{ not: { prefix: { [name]: 'x' } } }] }],
    ]),
    ['two dialects in one element', { filters: [{ exact: { type: 'a' }, prefix: { type: 'b' } }] }],
    ['cesql that is no expression', { filters: [{ cesql: "type = 'a' AND" }] }],
  ];

  test.each(refused)('with %s', async (_, spec) => {
    const target = await openTarget();
    const broker = uniqueName('broker');
    const trigger = aTrigger(uniqueName('trigger'), broker, 'http://localhost/', spec);
    await expect(target.apply([aBroker(broker), trigger])).rejects.toThrow();
  });
});

test('a filter is judged on what comes, not on what was before it', async () => {
  const { target, broker, subscribers } = await aWorld([{ filters: [{ cesql: 'INT(sequence) % 2 = 0' }] }]);
  for (const sequence of ['1', '2', 'x', '4']) await send(target, broker, { attributes: { id: sequence, sequence } });
  await subscribers[0]?.atLeast(2);
  await target.quiet();
  expect(subscribers[0] && ids(subscribers[0]).sort()).toEqual(['2', '4']);
});
