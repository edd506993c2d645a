import type { Command } from 'commander';
import { chunksOf } from './chunks.ts';
import { deliver } from './deliver.ts';
import { addExamples, addServerOptions, durationOption, type ServerOptions } from './options.ts';
import { readReports, shiftReports } from './report-file.ts';
import { baseUrl } from './settings.ts';
import type { World } from './world.ts';

export interface ShiftOption {
  /** How long ago the last sample shall be, ms; true stands for {@link usualShiftMs}. */
  shift?: number | true;
}

/** An hour ago, so that the trip it ends has ended. */
export const usualShiftMs = 3_600_000;

type SendOptions = ServerOptions & ShiftOption & { json?: boolean };

export function addSendCommand(program: Command, world: World): void {
  addExamples(
    addServerOptions(
      program
        .command('send')
        .description('post a file to /ingest: a batch of CloudEvents, one event, plain JSON, or lines of them')
        .argument('<file>', 'the file, or - for standard input'),
    )
      .option(
        '--shift [ago]',
        'move all times so that the last sample is this long ago (1h unless given)',
        durationOption,
      )
      .option('--json', 'print the result as JSON')
      .action((file: string, options: SendOptions) => sendFile(world, file, options)),
    'fleet send fixtures/drives/town.json --shift --token "$TOKEN"',
    'cat reports.ndjson | FLEET_TOKEN="$TOKEN" fleet send -',
  );
}

async function sendFile(world: World, file: string, { url, token, shift, json }: SendOptions): Promise<void> {
  const base = baseUrl(url, world);
  const read = await readReports(file, world);
  const reports = shift === undefined ? read : shiftReports(read, world.now() - shiftMs(shift), file);
  const chunks = [...chunksOf(reports)];
  const total = chunks.reduce((sum, { samples }) => sum + samples, 0);
  let sent = 0;
  for (const chunk of chunks) {
    try {
      await deliver(world, base, token ?? (world.env.FLEET_TOKEN || undefined), chunk);
    } catch (error) {
      // Sending the same file again does no harm: what is there already is merged with itself.
      if (sent > 0) world.err(`${sent} of ${total} samples were accepted before this:\n`);
      throw error;
    }
    sent += chunk.samples;
    if (world.progress) world.err(`\r${sent} of ${total} samples`);
  }
  if (world.progress) world.err('\n');
  world.out(json ? `${JSON.stringify({ accepted: sent, requests: chunks.length })}\n` : `${sent} samples accepted\n`);
}

export function shiftMs(shift: number | true): number {
  return shift === true ? usualShiftMs : shift;
}
