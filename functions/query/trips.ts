import type { HttpAnswer, Ports } from '../lib/ports.ts';
import type { StoredTrip, TripFilter } from '../lib/store/port.ts';
import type { Trip } from '../lib/trips/trip.ts';
import { type View, vehiclesIn } from './access.ts';
import { encodeCursor } from './cursor.ts';
import { demandOrder, parameters, readQuery } from './parameters.ts';
import { Refused } from './refused.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';

export async function listTrips({ query, view, ports }: ApiRequest): Promise<HttpAnswer> {
  const { vehicle, from, to, limit, cursor } = readQuery(parameters.trips, query);
  demandOrder(from, to);
  const filter: TripFilter = { limit: limit + 1 };
  if (from !== undefined) filter.fromMs = from;
  if (to !== undefined) filter.toMs = to;
  if (cursor) filter.cursor = { startMs: cursor[0], id: cursor[1] };
  const trips = await readTrips(ports, view, vehicle, filter);
  const last = trips.length > limit ? trips[limit - 1] : undefined;
  return json({
    trips: trips.slice(0, limit),
    next: last ? encodeCursor([Date.parse(last.startedAt), last.id]) : null,
  });
}

export async function showTrip({ id, query, view, ports }: ApiRequest): Promise<HttpAnswer> {
  readQuery(parameters.none, query);
  const trip = await ports.store.readTrip(id);
  // One answer for a trip that is not there and one that may not be seen: its existence is not told either.
  if (!trip || !view.sees(trip.vehicle)) throw new Refused('not-found', `there is no trip ${id.slice(0, 128)}`);
  return json(tripAnswer(trip));
}

/** Trips of a view that match a filter, latest start first. */
export async function readTrips(
  { store }: Pick<Ports, 'store'>,
  view: View,
  vehicle: string | undefined,
  filter: TripFilter,
): Promise<Trip[]> {
  const lists = await Promise.all(
    vehiclesIn(view, vehicle).map((name) =>
      store.listTrips(name === undefined ? filter : { ...filter, vehicle: name }),
    ),
  );
  // The store's order: start descending, then id descending.
  const trips = lists
    .flat()
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.id < b.id ? 1 : -1));
  return trips.slice(0, filter.limit).map(tripAnswer);
}

function tripAnswer({ dueMs: _, ...trip }: StoredTrip): Trip {
  return trip;
}
