import type { Command } from 'commander';
import type { VehicleAnswer } from '../../functions/query/answers.ts';
import { currentSpeedKmh } from '../../functions/query/vehicle-state.ts';
import { read } from './api.ts';
import { ago, fixed } from './format.ts';
import { hintNext } from './list.ts';
import { addExamples, addListOptions, type ListOptions } from './options.ts';
import { type Column, formatTable } from './table.ts';
import type { World } from './world.ts';

export function addVehiclesCommand(program: Command, world: World): void {
  addExamples(
    addListOptions(program.command('vehicles').description('list vehicles with their latest values')).action(
      (options: ListOptions) => listVehicles(world, options),
    ),
    'fleet vehicles',
    "fleet vehicles --json | jq -r '.vehicles[].id'",
  );
}

async function listVehicles(world: World, { json, limit, cursor, ...server }: ListOptions): Promise<void> {
  const text = await read(world, server, { path: '/api/vehicles', query: { limit, cursor } });
  if (json) return world.out(`${text}\n`);
  const { vehicles, next } = JSON.parse(text) as { vehicles: VehicleAnswer[]; next: string | null };
  if (vehicles.length === 0) return world.err('no vehicle has reported yet\n');
  world.out(formatTable(columnsAt(world.now()), vehicles, world));
  hintNext(world, next);
}

const columnsAt = (nowMs: number): Column<VehicleAnswer>[] => [
  { title: 'VEHICLE', cell: ({ id }) => id },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'LAST SEEN', cell: ({ lastSeenAt }) => ago(lastSeenAt, nowMs) },
  { title: 'SPEED', right: true, cell: (vehicle) => fixed(currentSpeedKmh(vehicle, nowMs), 0, 'km/h') },
  { title: 'LATITUDE', right: true, cell: ({ position }) => fixed(position?.latitude, 5, '°') },
  { title: 'LONGITUDE', right: true, cell: ({ position }) => fixed(position?.longitude, 5, '°') },
  { title: 'LOCATED', cell: ({ position }) => ago(position?.at ?? null, nowMs) },
  { title: 'FUEL', right: true, cell: ({ latest }) => fixed(latest?.fuelLevelPct, 0, '%') },
];
