import { expect, it } from 'vitest';
import type { Ports } from '../lib/ports.ts';
import { createLanes } from './lanes.ts';

const portsOf = (name: string) => ({ name }) as unknown as Ports;

it('derives what is joined once, by the ports of who came first', async () => {
  const derived: string[] = [];
  const lanes = createLanes(async ({ fromMs, toMs }, ports) => {
    derived.push(`${(ports as unknown as { name: string }).name} ${fromMs}-${toMs}`);
    return 1;
  });
  const run = (name: string, fromMs: number) =>
    lanes.run({ vehicle: 'car-1', fromMs, toMs: fromMs + 1 }, portsOf(name));
  await Promise.all([run('a', 0), run('b', 10), run('c', 100_000_000)]);
  expect(derived).toEqual(['a 0-11', 'c 100000000-100000001']);
});
