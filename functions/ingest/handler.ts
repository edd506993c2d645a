import { allows, anyVehicle, type TokenRecord } from '../lib/auth/tokens.ts';
import type { HttpAnswer, HttpContext, Ports } from '../lib/ports.ts';
import { type ProblemError, problem } from '../lib/problem.ts';
import { type Erasure, type Store, StoreUnavailable, VehicleErased } from '../lib/store/port.ts';
import type { IngestLimits } from '../lib/telemetry/limits.ts';
import type { VehicleSamples } from '../lib/telemetry/sample.ts';
import { acceptedEvents } from './accepted.ts';
import { createDeviceLimit, type DeviceLimit } from './device-limit.ts';
import { isVehicleId, type Reported, readEvents } from './events.ts';
import { bodyBytes, type ContentMode, contentMode } from './media.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { IngestRefusal } from './refusal.ts';
import { readSamples } from './samples.ts';

export interface State {
  rateLimit: RateLimit;
  deviceLimit: DeviceLimit;
}

export function init({ ingestLimits }: Ports): State {
  return { rateLimit: createRateLimit(ingestLimits.requestsPerMinute), deviceLimit: createDeviceLimit() };
}

/** `POST /ingest`: token → events → samples → the store, and only then 202 (DESIGN §2); publishing comes after. */
export async function handle(context: HttpContext<State>, body: Uint8Array, ports: Ports): Promise<HttpAnswer> {
  try {
    return await accept(context, body, ports);
  } catch (error) {
    const { path: instance } = context;
    if (error instanceof IngestRefusal) {
      const { code, errors, headers, message: detail } = error;
      ports.metrics.count('fleet_requests_refused_total', 1, { code });
      return problem(code, { detail, instance, errors, headers });
    }
    if (!(error instanceof StoreUnavailable)) throw error;
    ports.metrics.count('fleet_requests_refused_total', 1, {
      code: 'store-unavailable',
    });
    const headers = { 'retry-after': String(error.retryAfterS) };
    return problem('store-unavailable', {
      detail: 'nothing was stored; send it again',
      instance,
      headers,
    });
  }
}

async function accept(context: HttpContext<State>, body: Uint8Array, ports: Ports): Promise<HttpAnswer> {
  const { headers, state } = context;
  const { ingestLimits: limits, clock } = ports;
  const nowMs = clock.now();
  const token = authenticated(context, ports, nowMs);
  const mode = contentMode(headers);
  const read = (erasures?: readonly Erasure[]) => {
    const groupsOf = (bytes: Uint8Array) => readGroups(mode, headers, bytes, token, limits, nowMs, erasures);
    const bytes = bodyBytes(headers, body, limits);
    return bytes instanceof Promise ? bytes.then(groupsOf) : groupsOf(bytes);
  };
  const reading = read();
  const groups = reading instanceof Promise ? await reading : reading;
  state.deviceLimit.check(groups, nowMs);
  const accepted = groups.reduce((sum, { samples }) => sum + samples.length, 0);
  // An empty batch is fine (CloudEvents batch format §4.2), and leaves no receipt.
  const { receipt } = accepted === 0 ? { receipt: null } : await append(groups, ports.store, nowMs, read);
  ports.metrics.count('fleet_samples_accepted_total', accepted);
  if (receipt !== null) for (const event of acceptedEvents(groups, receipt, clock.now())) void ports.publish(event);
  return {
    status: 202,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: JSON.stringify({ accepted, receipt }),
  };
}

/** Only what runs into a tombstone is read once more, to name each sample that did. */
async function append(
  groups: VehicleSamples[],
  store: Store,
  nowMs: number,
  read: (erasures: readonly Erasure[]) => unknown,
): Promise<{ receipt: string }> {
  try {
    return await store.append(groups, nowMs);
  } catch (error) {
    if (error instanceof VehicleErased) await read(error.erasures);
    throw error;
  }
}

/** In a function of its own, so that nothing but the samples is kept while the store writes them. */
function readGroups(
  mode: ContentMode,
  headers: HttpContext['headers'],
  bytes: Uint8Array,
  token: TokenRecord,
  limits: IngestLimits,
  nowMs: number,
  erasures: readonly Erasure[] | undefined,
): VehicleSamples[] {
  const events = readEvents(mode, headers, bytes, limits);
  checkVehicles(events, token);
  return readSamples(events, limits, nowMs, erasures);
}

function authenticated({ headers, connection, state }: HttpContext<State>, ports: Ports, nowMs: number): TokenRecord {
  const who = ports.auth.authenticate(headers.authorization, connection);
  if (!who.ok) throw new IngestRefusal(who.status === 400 ? 'invalid-request' : 'unauthorized', who.detail);
  const waitS = state.rateLimit.take(who.record.id, nowMs);
  if (waitS > 0) {
    const detail = `this token may send ${ports.ingestLimits.requestsPerMinute} requests a minute`;
    throw new IngestRefusal('rate-limited', detail, [], {
      'retry-after': String(waitS),
    });
  }
  if (!allows(who.record, 'ingest')) throw new IngestRefusal('insufficient-scope', 'the token lacks the scope ingest');
  return who.record;
}

/** Every event must be of a vehicle that the token is bound to; plain JSON may leave it to a token bound to just one. */
function checkVehicles(events: Reported[], token: TokenRecord): void {
  const [only] = token.vehicles;
  const errors: ProblemError[] = [];
  events.forEach((event, index) => {
    if (event.vehicle === undefined && event.type === undefined && token.vehicles.length === 1 && only !== anyVehicle) {
      event.vehicle = only;
    }
    // What is no id of a vehicle is refused as such (422): nobody is bound to it.
    if (event.vehicle !== undefined && !allows(token, 'ingest', event.vehicle) && isVehicleId(event.vehicle)) {
      errors.push({
        index,
        pointer: '/subject',
        code: 'forbidden-vehicle',
        detail: `the token is not bound to ${event.vehicle}`,
      });
    }
  });
  if (errors.length > 0)
    throw new IngestRefusal('forbidden', `event ${errors[0]?.index}: ${errors[0]?.detail}`, errors);
}
