import { type Command, Option } from 'commander';
import { type Rollup, rollupTiers } from '../../functions/lib/rollups/rollup.ts';
import { read } from './api.ts';
import { fixed, instant } from './format.ts';
import { hintNext, rangeQuery } from './list.ts';
import { addExamples, addListOptions, addRangeOptions, type ListOptions, type RangeOptions } from './options.ts';
import { type Column, formatTable } from './table.ts';
import type { World } from './world.ts';

type RollupOptions = ListOptions & RangeOptions & { tier: string };

export function addRollupsCommand(program: Command, world: World): void {
  addExamples(
    addListOptions(addRangeOptions(program.command('rollups').description('list rollup rows, earliest first')))
      .addOption(new Option('--tier <tier>', 'length of the windows').choices(rollupTiers).default('1m'))
      .action((options: RollupOptions) => listRollups(world, options)),
    'fleet rollups --tier 5m --vehicle car-1',
    "fleet rollups --tier 1m --from 1h --json | jq '[.rollups[].count] | add'",
  );
}

async function listRollups(world: World, options: RollupOptions): Promise<void> {
  const query = { tier: options.tier, ...rangeQuery(world, options) };
  const text = await read(world, options, { path: '/api/rollups', query });
  if (options.json) return world.out(`${text}\n`);
  const { rollups, next } = JSON.parse(text) as { rollups: Rollup[]; next: string | null };
  if (rollups.length === 0)
    return world.err('no rollup rows in this range (the last 24 hours unless --from says otherwise)\n');
  world.out(formatTable(columns, rollups, world));
  hintNext(world, next);
}

const speedOf = ({ fields }: Rollup) => fields.speedKmh ?? fields.gpsSpeedKmh;

const columns: Column<Rollup>[] = [
  { title: 'VEHICLE', cell: ({ vehicle }) => vehicle },
  { title: 'WINDOW', cell: ({ startedAt }) => instant(startedAt) },
  { title: 'SAMPLES', right: true, cell: ({ count }) => String(count) },
  { title: 'SPEED', right: true, cell: (row) => fixed(speedOf(row)?.mean, 1, 'km/h') },
  { title: 'MAXIMUM', right: true, cell: (row) => fixed(speedOf(row)?.max, 0, 'km/h') },
  { title: 'RPM', right: true, cell: ({ fields }) => fixed(fields.engineRpm?.mean, 0, 'rpm') },
  { title: 'COOLANT', right: true, cell: ({ fields }) => fixed(fields.coolantC?.mean, 0, '°C') },
];
