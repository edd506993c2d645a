import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../host/config.ts';
import { check, type Finding } from './doctor/finding.ts';
import { checkFolder } from './doctor/folder.ts';
import { checkServer } from './doctor/server.ts';
import { checkStore } from './doctor/store.ts';
import { checkTokens } from './doctor/tokens.ts';
import { CliError } from './exit.ts';
import { addExamples } from './options.ts';
import { baseUrl, dataFolder, isLoopback } from './settings.ts';
import { printable } from './table.ts';
import type { World } from './world.ts';

interface DoctorOptions {
  url?: string;
  json?: boolean;
}

/** `fleet doctor`: with the server up or down; ends with 1 when something needs to be done. */
export function addDoctorCommand(program: Command, world: World): void {
  addExamples(
    program
      .command('doctor')
      .description('check settings, store, clock, disk, lag and tokens, and say what to do')
      .option('--url <url>', 'base URL of the server (FLEET_URL; http://127.0.0.1:$PORT)')
      .option('--json', 'print JSON')
      .action((options: DoctorOptions) => examine(world, options)),
    'fleet doctor',
    'fleet doctor --json | jq \'.findings[] | select(.level == "problem")\'',
  );
}

async function examine(world: World, { url, json }: DoctorOptions): Promise<void> {
  const findings = await findAll(world, baseUrl(url, world));
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (json) world.out(`${JSON.stringify({ healthy: problems === 0, findings })}\n`);
  else world.out(findings.map((finding) => line(finding, world.colour)).join(''));
  if (problems > 0) throw new CliError('unhealthy', problems === 1 ? 'one problem' : `${problems} problems`);
}

async function findAll(world: World, base: URL): Promise<Finding[]> {
  const folder = dataFolder(world);
  // Loaded only here: every other command starts faster without the host and the store.
  const { loadConfig } = await import('../host/config.ts');
  let config: Config;
  try {
    config = loadConfig({ ...world.env, FLEET_DATA: folder });
  } catch (error) {
    return [check('settings').problem((error as Error).message, 'the server does not start with it: mend it')];
  }
  const findings = [check('settings').ok('can be used')];
  const here = isLoopback(base);
  const server = await checkServer(base, config, here ? await isHeld(folder) : undefined, world);
  findings.push(...server.findings);
  if (!here) return findings;
  findings.push(...(await checkFolder(folder, world)));
  if (config.influx) findings.push(await influxFinding(config.influx));
  else findings.push(...(await storeFindings(folder, { nowMs: world.now(), serverUp: server.up })));
  return [...findings, ...checkTokens(world)];
}

/** Whether another process has the data folder; undefined where there is none that can be written. */
async function isHeld(folder: string): Promise<boolean | undefined> {
  if (!existsSync(folder)) return undefined;
  const { takeDataFolder } = await import('../host/data-folder.ts');
  try {
    takeDataFolder(folder).release();
    return false;
  } catch (error) {
    return /in use/.test((error as Error).message) || undefined;
  }
}

async function influxFinding(influx: NonNullable<Config['influx']>): Promise<Finding> {
  const { openInfluxStore } = await import('../../functions/lib/store/influx.ts');
  try {
    const store = await openInfluxStore(influx);
    await store.ready().finally(() => store.close());
    return check('store').ok(`InfluxDB at ${influx.url} takes writes; its buckets are as they must be`);
  } catch (error) {
    return check('store').problem(
      (error as Error).message,
      'see INFLUX_URL, INFLUX_ORG, INFLUX_TOKEN; fleet provision influx',
    );
  }
}

async function storeFindings(folder: string, setting: Parameters<typeof checkStore>[1]): Promise<Finding[]> {
  const { storeFile } = await import('../host/data-folder.ts');
  const { inspectStore } = await import('../../functions/lib/store/sqlite/inspect.ts');
  const path = storeFile(folder);
  if (!existsSync(path)) return [check('store').hint('there is none yet', 'npm start makes it')];
  try {
    return checkStore(inspectStore(path, setting.nowMs), setting);
  } catch (error) {
    return [
      check('store').problem(
        `${path} cannot be read: ${(error as Error).message}`,
        'stop the server, keep a copy of the file, and fleet restore the last backup with --force',
      ),
    ];
  }
}

const colours = { ok: 32, hint: 33, problem: 31 } as const;

function line({ check: name, level, says, advice }: Finding, colour: boolean): string {
  const word = level.padEnd(8);
  const shown = colour ? `\u001b[${colours[level]}m${word}\u001b[0m` : word;
  const indent = ' '.repeat(8);
  return `${shown}${name}: ${printable(says)}\n${advice === undefined ? '' : `${indent}→ ${advice}\n`}`;
}
