import type { HttpAnswer } from '../lib/ports.ts';
import { isKnown } from '../lib/store/erasure.ts';
import type { Store, VehicleState } from '../lib/store/port.ts';
import { derivedEvent } from '../lib/telemetry/derived-events.ts';
import { eventTypes } from '../lib/telemetry/events.ts';
import { idSchema } from '../lib/telemetry/sample.ts';
import { routingOf } from '../lib/telemetry/shard.ts';
import { demandVehicle, type View } from './access.ts';
import { isoTime, type VehicleAnswer } from './answers.ts';
import { encodeCursor } from './cursor.ts';
import { parameters, readQuery } from './parameters.ts';
import { Refused } from './refused.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';
import { vehicleAnswer } from './vehicle-state.ts';

export async function listVehicles(request: ApiRequest): Promise<HttpAnswer> {
  const { limit, cursor } = readQuery(parameters.vehicles, request.query);
  const found = await readVehicles(request, limit + 1, cursor?.[1]);
  const vehicles = found.slice(0, limit);
  const last = found.length > limit ? vehicles.at(-1) : undefined;
  return json({ vehicles, next: last ? encodeCursor([0, last.id]) : null });
}

export async function showVehicle(request: ApiRequest): Promise<HttpAnswer> {
  const { id, query, view, ports } = request;
  readQuery(parameters.none, query);
  demandVehicle(view, id);
  const state = await ports.store.readVehicle(id);
  if (!state) throw new Refused('not-found', `there is no vehicle ${id}`);
  const [vehicle] = await answersOf([state], request);
  return json(vehicle);
}

/**
 * Erases a vehicle and all it left. Erasing twice is no error: it ends the same, and the tombstone stands before what may
 * still come.
 */
export async function eraseVehicle({ id, query, view, nowMs, ports }: ApiRequest): Promise<HttpAnswer> {
  const { tombstone } = readQuery(parameters.erasure, query);
  if (!idSchema.safeParse(id).success) throw new Refused('invalid-request', 'the path names no vehicle id');
  demandVehicle(view, id);
  if (!(await isKnown(ports.store, id))) throw new Refused('not-found', `there is no vehicle ${id}`);
  const { samples, untilMs } = await ports.store.eraseVehicle(id, tombstone === 'true' ? nowMs : null);
  ports.log.info({ vehicle: id, samples }, 'vehicle erased');
  await ports.publish({
    ...derivedEvent({
      id: `${id}/erased/${nowMs}`,
      source: '/functions/query',
      type: eventTypes.erased,
      subject: id,
      timeMs: nowMs,
      data: { vehicle: id, untilMs },
    }),
    ...routingOf(id),
  });
  return json({ erased: id, samples, refusedUntil: untilMs === null ? null : isoTime(untilMs) });
}

/** Vehicles of a view in order of their ids, after `cursor`. */
export async function readVehicles(request: ApiRequest, limit: number, cursor?: string): Promise<VehicleAnswer[]> {
  return answersOf(await readStates(request.ports.store, request.view, limit, cursor), request);
}

/**
 * A vehicle whose latest samples have no position (in a tunnel, a car park) is where its newest trip ended. The store is
 * asked once for all of those, and not at all where there are none.
 */
async function answersOf(states: readonly VehicleState[], { nowMs, ports }: ApiRequest): Promise<VehicleAnswer[]> {
  const lost = states.filter(({ position }) => !position).map(({ vehicle }) => vehicle);
  const trips = lost.length > 0 ? await ports.store.newestTrips(lost) : [];
  const tripOf = new Map(trips.map((trip) => [trip.vehicle, trip]));
  return states.map((state) => vehicleAnswer(state, tripOf.get(state.vehicle), nowMs, ports.rulesFor(state.vehicle)));
}

async function readStates(store: Store, view: View, limit: number, cursor?: string): Promise<VehicleState[]> {
  if (!view.vehicles) return store.listVehicles(limit, cursor);
  const wanted = view.vehicles.filter((vehicle) => vehicle > (cursor ?? ''));
  const states = await Promise.all(wanted.map((vehicle) => store.readVehicle(vehicle)));
  return states.filter((state) => state !== undefined).slice(0, limit);
}
