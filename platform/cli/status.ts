import type { Command } from 'commander';
import type { StatusAnswer, VehicleAnswer } from '../../functions/query/answers.ts';
import { read } from './api.ts';
import { ago } from './format.ts';
import { addExamples, addServerOptions, type ServerOptions } from './options.ts';
import type { World } from './world.ts';

export function addStatusCommand(program: Command, world: World): void {
  addExamples(
    addServerOptions(program.command('status').description('say how far the pipeline has come'))
      .option('--json', "print the API's JSON")
      .action((options: ServerOptions & { json?: boolean }) => showStatus(world, options)),
    'fleet status',
    "fleet status --json | jq '.receipts.pending'",
  );
}

async function showStatus(world: World, { json, ...server }: ServerOptions & { json?: boolean }): Promise<void> {
  const text = await read(world, server, { path: '/api/status' });
  if (json) return world.out(`${text}\n`);
  const { receipts, deadLetters } = JSON.parse(text) as StatusAnswer;
  const nowMs = world.now();
  const { vehicles, next } = JSON.parse(await read(world, server, { path: '/api/vehicles' })) as {
    vehicles: VehicleAnswer[];
    next: string | null;
  };
  const states = [...Map.groupBy(vehicles, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`);
  const waiting = (count: number, oldest: string | null) =>
    `${count} pending${oldest === null ? '' : `, oldest ${ago(oldest, nowMs)}`}`;
  world.out(
    [
      `vehicles      ${next === null ? '' : 'the first '}${vehicles.length}${states.length ? `: ${states.join(', ')}` : ''}`,
      `trips         ${waiting(receipts.pending, receipts.oldestPendingAt)}`,
      `rollups       ${waiting(receipts.rollup, receipts.oldestRollupAt)}`,
      `dead letters  ${deadLetters}`,
      '',
    ].join('\n'),
  );
}
