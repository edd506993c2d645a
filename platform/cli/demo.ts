import { type Command, InvalidArgumentError } from 'commander';
import { clearDemo } from './demo-clear.ts';
import { addExamples, addServerOptions, type ServerOptions } from './options.ts';
import type { World } from './world.ts';

export function addDemoCommand(program: Command, world: World): void {
  const demo = program.command('demo').description('run and remove the simulated demo cars');

  addExamples(
    addServerOptions(demo.command('start').description('drive demo cars against the server until interrupted')).action(
      async (options: ServerOptions) => {
        // The simulator is loaded only when it is wanted: every other command starts faster without it.
        const { startDemo } = await import('./demo-start.ts');
        await startDemo(world, options);
      },
    ),
    'fleet demo start',
  );

  addExamples(
    addServerOptions(
      demo.command('clear').description('stop the demo: revoke its tokens, erase its cars and all they left'),
    ).action((options: ServerOptions) => clearDemo(world, options)),
    'fleet demo clear',
  );

  addExamples(
    demo
      .command('backfill')
      .description('drive the demo cars through the last days, into a data folder that is not in use')
      .option('--days <n>', 'how many days, 1 to 366', daysOption, 30)
      .action(async ({ days }: { days: number }) => {
        const { backfillDemo } = await import('./demo-backfill.ts');
        await backfillDemo(world, days);
      }),
    'fleet demo backfill --days 30',
  );
}

function daysOption(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 366) return days;
  throw new InvalidArgumentError('Give a whole number from 1 to 366.');
}
