import { type Context, type Ports, Refusal } from '../lib/ports.ts';
import { type CloudEvent, changedRangeSchema, eventTypes, jobSchema } from '../lib/telemetry/events.ts';
import { deriveTrips, type Warm } from './derive.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { sweep } from './sweep.ts';

/** What an active instance remembers: a cache and a queue per vehicle, neither of which matters. */
export interface State {
  lanes: Lanes;
  warm: Warm;
}

export function init(): State {
  const warm: Warm = new Map();
  return { lanes: createLanes((range, ports) => deriveTrips(range, ports, warm)), warm };
}

/**
 * `enriched` → the trips of the islands that changed; the sweep's ping → what silence ends and what got stuck; `erased` →
 * nothing is remembered of that vehicle.
 */
export async function handle({ state }: Context<State>, event: CloudEvent, ports: Ports): Promise<undefined> {
  if (event.type === eventTypes.ping) {
    const told = jobSchema.safeParse(event.data).data;
    if (told?.job !== 'sweep') throw new Refusal(`${event.id} is not the sweep's ping`);
    await forgetErased(state.warm, ports);
    await sweep(state.lanes, event, ports, told.stuckBeforeMs);
    return undefined;
  }
  if (event.type === eventTypes.erased) {
    state.warm.delete(event.subject ?? '');
    return undefined;
  }
  const told = changedRangeSchema.safeParse(event.data);
  if (!told.success) throw new Refusal(`data of ${event.id}: ${told.error.issues[0]?.message}`);
  await state.lanes.run(told.data, ports);
  return undefined;
}

/** For events of erasing that were lost, or that came while a derivation was under way. */
async function forgetErased(warm: Warm, { store }: Ports): Promise<void> {
  if (warm.size === 0) return;
  for (const { vehicle, untilMs } of await store.listErasures()) {
    if ((warm.get(vehicle)?.segmenter.lastMs ?? Infinity) <= untilMs) warm.delete(vehicle);
  }
}
