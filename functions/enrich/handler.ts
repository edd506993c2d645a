import { type Context, type Ports, Refusal } from '../lib/ports.ts';
import { collect, pendingIn, tryAgain } from '../lib/store/derive.ts';
import { codeChanges } from '../lib/telemetry/code-alerts.ts';
import { alertEvent, derivedEvent } from '../lib/telemetry/derived-events.ts';
import { enrichment } from '../lib/telemetry/enrichment.ts';
import { type ChangedRange, type CloudEvent, changedRangeSchema, eventTypes } from '../lib/telemetry/events.ts';
import type { Sample } from '../lib/telemetry/sample.ts';

/** Samples that an `enriched` event carries at most (DESIGN §3); the store has all of them. */
const maxSamplesInEvent = 500;

/** `accepted` → decodes and derives what each sample tells, into the same rows → replies `enriched`. */
export async function handle(_: Context, event: CloudEvent, ports: Ports): Promise<CloudEvent> {
  const told = changedRangeSchema.safeParse(event.data);
  if (!told.success) throw new Refusal(`data of ${event.id}: ${told.error.issues[0]?.message}`);
  const { vehicle } = told.data;

  const range = await tryAgain(() => enrichRange(told.data, ports));
  if (range.samples.some((sample) => sample.codesStored)) await tryAgain(() => deriveCodeAlerts(vehicle, range, ports));
  const data: ChangedRange = { vehicle, fromMs: range.fromMs, toMs: range.toMs };
  if (range.samples.length <= maxSamplesInEvent) data.samples = range.samples;
  return {
    ...derivedEvent({
      id: `${event.id}/enriched`,
      source: '/functions/enrich',
      type: eventTypes.enriched,
      subject: vehicle,
      timeMs: ports.clock.now(),
      data,
    }),
    // What the triggers of shards and an ordered broker go by stays with the event.
    ...(typeof event.partitionkey === 'string' && { partitionkey: event.partitionkey }),
    ...(typeof event.fleetshard === 'string' && { fleetshard: event.fleetshard }),
  };
}

interface Enriched {
  fromMs: number;
  toMs: number;
  samples: Sample[];
}

/** Enriches the range and that of every pending receipt that touches it. Null when samples changed meanwhile. */
async function enrichRange(told: ChangedRange, { store, clock, rulesFor }: Ports): Promise<Enriched | null> {
  const { vehicle } = told;
  const version = await store.readVersion(vehicle);
  const { fromMs, toMs, ids } = await pendingIn(store, told, 2);
  const samples = await collect(store.readSamples(vehicle, fromMs, toMs));
  const { fuel } = rulesFor(vehicle);
  const changes: Sample[] = [];
  const enriched = samples.map((sample) => {
    const fields = enrichment(sample, fuel);
    if (Object.keys(fields).length === 0) return sample;
    changes.push({ timeMs: sample.timeMs, device: sample.device, ...fields });
    return { ...sample, ...fields };
  });
  const nothing = changes.length + ids.length === 0;
  const written =
    nothing ||
    (await store.amend(
      { vehicle, samples: changes },
      ids,
      { vehicle, version, of: 'samples', range: { fromMs, toMs } },
      clock.now(),
    ));
  return written ? { fromMs, toMs, samples: enriched } : null;
}

/** Codes set and cleared, between the reading before the range and the one after it. Null when another instance was faster. */
async function deriveCodeAlerts(vehicle: string, { fromMs, toMs }: Enriched, ports: Ports): Promise<true | null> {
  const { store } = ports;
  const version = await store.readVersion(vehicle);
  const [before, samples, after] = await Promise.all([
    store.nearestCodes(vehicle, fromMs, 'before'),
    collect(store.readSamples(vehicle, fromMs, toMs)),
    store.nearestCodes(vehicle, toMs, 'after'),
  ]);
  const readings = [...samples.filter((sample) => sample.codesStored), ...(after ? [after] : [])];
  const alerts = codeChanges(before, readings).map(({ timeMs, kind, code }) => ({
    vehicle,
    timeMs,
    origin: 'codes' as const,
    kind,
    detail: code,
  }));
  const range = { vehicle, origin: 'codes' as const, fromMs, toMs: after?.timeMs ?? toMs };
  const fresh = await store.replaceAlerts(range, alerts, { vehicle, version, of: 'codes' });
  if (fresh === null) return null;
  for (const alert of fresh) await ports.publish(alertEvent(alert, '/functions/enrich'));
  return true;
}
