import type { z } from 'zod';
import type { Scope } from '../lib/auth/tokens.ts';
import type { ProblemCode } from '../lib/problem.ts';
import { tripSchema } from '../lib/trips/trip.ts';
import { listAlerts } from './alerts.ts';
import {
  alertListSchema,
  deadLetterListSchema,
  deadLetterSchema,
  erasureSchema,
  replaySchema,
  rollupListSchema,
  sampleListSchema,
  statusSchema,
  tripListSchema,
  vehicleListSchema,
  vehicleSchema,
} from './answers.ts';
import { listDeadLetters, replayDeadLetter, showDeadLetter } from './dead-letters.ts';
import { parameters } from './parameters.ts';
import type { ApiHandler } from './request.ts';
import { listRollups } from './rollups.ts';
import { listSamples } from './samples.ts';
import { showStatus } from './status.ts';
import { listTrips, showTrip } from './trips.ts';
import { eraseVehicle, listVehicles, showVehicle } from './vehicles.ts';

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** With `{id}` for one segment. */
  path: string;
  scope: Scope;
  summary: string;
  parameters: z.ZodObject;
  /** Name in the OpenAPI document and schema of a successful answer. */
  answer: [name: string, schema: z.ZodType];
  status: 200 | 202;
  /** Beside those that every route has. */
  refusals?: readonly ProblemCode[];
  handle: ApiHandler;
}

const read = {
  method: 'GET',
  scope: 'read',
  status: 200,
  parameters: parameters.none,
} as const;
const admin = { ...read, scope: 'admin' } as const;

/** The read API: the one list of its paths, from which requests are routed and the OpenAPI document is made. */
export const routes: readonly Route[] = [
  {
    ...read,
    path: '/api/vehicles',
    summary: 'Vehicles with their latest values, by id',
    parameters: parameters.vehicles,
    answer: ['VehicleList', vehicleListSchema],
    handle: listVehicles,
  },
  {
    ...read,
    path: '/api/vehicles/{id}',
    summary: 'One vehicle with its latest values',
    answer: ['Vehicle', vehicleSchema],
    handle: showVehicle,
  },
  {
    ...admin,
    method: 'DELETE',
    path: '/api/vehicles/{id}',
    summary: 'Erase a vehicle and everything it left',
    parameters: parameters.erasure,
    answer: ['Erasure', erasureSchema],
    handle: eraseVehicle,
  },
  {
    ...read,
    path: '/api/vehicles/{id}/samples',
    summary: 'Samples of a vehicle, earliest first',
    parameters: parameters.samples,
    answer: ['SampleList', sampleListSchema],
    handle: listSamples,
  },
  {
    ...read,
    path: '/api/trips',
    summary: 'Trips, latest start first',
    parameters: parameters.trips,
    answer: ['TripList', tripListSchema],
    handle: listTrips,
  },
  {
    ...read,
    path: '/api/trips/{id}',
    summary: 'One trip',
    answer: ['Trip', tripSchema],
    handle: showTrip,
  },
  {
    ...read,
    path: '/api/rollups',
    summary: 'Rollup rows, earliest window first',
    parameters: parameters.rollups,
    answer: ['RollupList', rollupListSchema],
    handle: listRollups,
  },
  {
    ...read,
    path: '/api/alerts',
    summary: 'Trouble codes set and cleared, harsh events; latest first',
    parameters: parameters.alerts,
    answer: ['AlertList', alertListSchema],
    handle: listAlerts,
  },
  {
    ...read,
    path: '/api/status',
    summary: 'How far the pipeline has come; needs a token for any vehicle',
    answer: ['Status', statusSchema],
    handle: showStatus,
  },
  {
    ...admin,
    path: '/api/dead-letters',
    summary: 'Events that could not be processed, latest first',
    parameters: parameters.deadLetters,
    answer: ['DeadLetterList', deadLetterListSchema],
    handle: listDeadLetters,
  },
  {
    ...admin,
    path: '/api/dead-letters/{id}',
    summary: 'One dead letter with its event',
    answer: ['DeadLetter', deadLetterSchema],
    handle: showDeadLetter,
  },
  {
    ...admin,
    method: 'POST',
    path: '/api/dead-letters/{id}/replay',
    summary: 'Publish the event of a dead letter again',
    answer: ['Replay', replaySchema],
    status: 202,
    refusals: ['broker-unavailable'],
    handle: replayDeadLetter,
  },
];
