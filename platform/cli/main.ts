import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { TokenFileError } from '../../functions/lib/auth/token-file.ts';
import { addBackupCommand } from './backup.ts';
import { addDeadLettersCommand } from './dead-letters.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEraseCommand } from './erase.ts';
import { CliError, exitCodes } from './exit.ts';
import { addProvisionCommand } from './provision.ts';
import { addRestoreCommand } from './restore.ts';
import { addRollupsCommand } from './rollups.ts';
import { addSendCommand } from './send.ts';
import { addShiftCommand } from './shift.ts';
import { addStatusCommand } from './status.ts';
import { addTokenCommand } from './token.ts';
import { addTripsCommand } from './trips.ts';
import { addVehiclesCommand } from './vehicles.ts';
import { processWorld, type World } from './world.ts';

/** The commands, in the order of the help text. */
const commands = [
  addTokenCommand,
  addSendCommand,
  addShiftCommand,
  addVehiclesCommand,
  addTripsCommand,
  addRollupsCommand,
  addStatusCommand,
  addDeadLettersCommand,
  addDoctorCommand,
  addEraseCommand,
  addBackupCommand,
  addRestoreCommand,
  addProvisionCommand,
  addDemoCommand,
];

/**
 * The `fleet` command. `argv` is what stands after its name; resolves with the exit code and never rejects. Whoever calls
 * it ends the process with that code once its output is written (`process.exitCode`, not `process.exit`).
 */
export async function main(
  argv: readonly string[],
  env: Record<string, string | undefined>,
  world: World = processWorld(env),
): Promise<number> {
  try {
    await program(world).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, world);
  }
}

function program(world: World): Command {
  const fleet = new Command('fleet')
    .description('Talk to Fleet Telemetry: tokens, reports, vehicles, trips, rollups, dead letters.')
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: world.out, writeErr: world.err, getOutHasColors: () => world.colour })
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', helpEnd);
  for (const add of commands) add(fleet, world);
  return fleet;
}

function report(error: unknown, world: World): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof CliError) {
    world.err(`fleet: ${error.message}\n`);
    return error.exitCode;
  }
  // By their names: the host and the store are loaded only by the commands that need them.
  if (error instanceof TokenFileError || named(error, 'ConfigError')) {
    world.err(`fleet: ${error.message}\n`);
    return exitCodes.config;
  }
  if (named(error, 'BackupError')) {
    world.err(`fleet: ${error.message}\n`);
    return exitCodes.data;
  }
  world.err(`fleet: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.internal;
}

function named(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

const helpEnd = `
Environment:
  FLEET_URL    base URL of the server (http://127.0.0.1:$PORT)
  FLEET_TOKEN  token to use; reading on the machine itself needs none
  FLEET_DATA   data folder (data/), for tokens
  FLEET_TOKENS the tokens' file (tokens.json in the data folder)
  PORT         port of the server on this machine (8080)

Exit codes: 0 done, ${Object.entries(exitCodes)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')}

Examples:
  $ TOKEN=$(npx fleet token create --vehicle recorded-town)
  $ npx fleet send fixtures/drives/town.json --shift --token "$TOKEN"
  $ npx fleet trips --vehicle recorded-town`;

if (import.meta.main) {
  // Tokens, backups, what demo backfill writes: for their owner alone.
  process.umask(0o077);
  process.exitCode = await main(process.argv.slice(2), process.env);
}
