import { type Command, Option } from 'commander';
import { CliError } from './exit.ts';
import { addExamples, durationOption } from './options.ts';
import { readReports, shiftReports } from './report-file.ts';
import { usualShiftMs } from './send.ts';
import type { World } from './world.ts';

export function addShiftCommand(program: Command, world: World): void {
  addExamples(
    program
      .command('shift')
      .description('print a batch of CloudEvents with its times moved, for sending it by other means')
      .argument('<file>', 'the file, or - for standard input')
      .addOption(
        new Option('--ago <duration>', 'how long ago the last sample shall be')
          .argParser(durationOption)
          .default(usualShiftMs, '1h'),
      )
      .action((file: string, { ago }: { ago: number }) => printShifted(world, file, ago)),
    'fleet shift fixtures/drives/town.json | curl http://localhost:8080/ingest -H "Authorization: Bearer $TOKEN" \\\n' +
      "      -H 'Content-Type: application/cloudevents-batch+json' --data-binary @-",
  );
}

async function printShifted(world: World, file: string, agoMs: number): Promise<void> {
  const reports = shiftReports(await readReports(file, world), world.now() - agoMs, file);
  const events = reports.map((report) => {
    if (report.kind === 'event') return report.event;
    throw new CliError('data', `${file}: holds plain reports; use \`fleet send --shift\``);
  });
  world.out(`${JSON.stringify(events)}\n`);
}
