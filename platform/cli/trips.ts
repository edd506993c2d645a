import type { Command } from 'commander';
import type { Trip } from '../../functions/lib/trips/trip.ts';
import { read } from './api.ts';
import { fixed, instant, minutes } from './format.ts';
import { hintNext, rangeQuery } from './list.ts';
import { addExamples, addListOptions, addRangeOptions, type ListOptions, type RangeOptions } from './options.ts';
import { type Column, formatTable } from './table.ts';
import type { World } from './world.ts';

export function addTripsCommand(program: Command, world: World): void {
  addExamples(
    addListOptions(addRangeOptions(program.command('trips').description('list trips, latest first'))).action(
      (options: ListOptions & RangeOptions) => listTrips(world, options),
    ),
    'fleet trips',
    'fleet trips --vehicle car-1 --from 7d',
    "fleet trips --json | jq '.trips[0].distanceKm'",
  );
}

async function listTrips(world: World, options: ListOptions & RangeOptions): Promise<void> {
  const text = await read(world, options, { path: '/api/trips', query: rangeQuery(world, options) });
  if (options.json) return world.out(`${text}\n`);
  const { trips, next } = JSON.parse(text) as { trips: Trip[]; next: string | null };
  if (trips.length === 0) return world.err('no trips\n');
  world.out(formatTable(columns, trips, world));
  hintNext(world, next);
}

const columns: Column<Trip>[] = [
  { title: 'VEHICLE', cell: ({ vehicle }) => vehicle },
  { title: 'STARTED', cell: ({ startedAt }) => instant(startedAt) },
  { title: 'STATUS', cell: ({ status, micro }) => (micro ? `${status}, micro` : status) },
  { title: 'DURATION', right: true, cell: ({ durationS }) => minutes(durationS) },
  { title: 'DISTANCE', right: true, cell: ({ distanceKm }) => fixed(distanceKm, 1, 'km') },
  { title: 'AVERAGE', right: true, cell: ({ avgSpeedKmh }) => fixed(avgSpeedKmh, 0, 'km/h') },
  { title: 'MAXIMUM', right: true, cell: ({ maxSpeedKmh }) => fixed(maxSpeedKmh, 0, 'km/h') },
  { title: 'FUEL', right: true, cell: ({ fuelL }) => fixed(fuelL, 2, 'l') },
];
