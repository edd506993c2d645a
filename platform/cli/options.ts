import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from './duration.ts';

/** Options that several commands have, with one wording. */

export interface ServerOptions {
  url?: string;
  token?: string;
}

export function addServerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'base URL of the server (FLEET_URL; http://127.0.0.1:$PORT)')
    .option('--token <token>', 'token to use (FLEET_TOKEN)');
}

export interface ListOptions extends ServerOptions {
  json?: boolean;
  limit?: string;
  cursor?: string;
}

export function addListOptions(command: Command): Command {
  return addServerOptions(command)
    .option('--json', "print the API's JSON")
    .option('--limit <n>', 'rows at most')
    .option('--cursor <cursor>', 'go on where the page before ended');
}

export interface RangeOptions {
  vehicle?: string;
  from?: string;
  to?: string;
}

export function addRangeOptions(command: Command): Command {
  return command
    .option('--vehicle <id>', 'only this vehicle')
    .option('--from <time>', 'RFC 3339, or a duration before now (24h)')
    .option('--to <time>', 'RFC 3339, or a duration before now');
}

/** Examples under a command's help. */
export function addExamples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Give a number and s, m, h or d, as in 30d.');
  return ms;
}

/** An option that may be given several times. */
export function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}
