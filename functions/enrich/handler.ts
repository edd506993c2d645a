import { type Context, type Ports, Refusal } from '../lib/ports.ts';
import { collect, pendingIn, tryAgain } from '../lib/store/derive.ts';
import type { Alert, DerivedAlerts, Guard, Store } from '../lib/store/port.ts';
import { codeChanges } from '../lib/telemetry/code-alerts.ts';
import { alertEvent, derivedEvent } from '../lib/telemetry/derived-events.ts';
import { enrichment } from '../lib/telemetry/enrichment.ts';
import { type ChangedRange, type CloudEvent, changedRangeSchema, eventTypes } from '../lib/telemetry/events.ts';
import type { Sample } from '../lib/telemetry/sample.ts';
import { routingOf } from '../lib/telemetry/shard.ts';

/** Samples that an `enriched` event carries at most (DESIGN §3); the store has all of them. */
const maxSamplesInEvent = 500;

/** `accepted` → decodes and derives what each sample tells, into the same rows → replies `enriched`. */
export async function handle(_: Context, event: CloudEvent, ports: Ports): Promise<CloudEvent> {
  const told = changedRangeSchema.safeParse(event.data);
  if (!told.success) throw new Refusal(`data of ${event.id}: ${told.error.issues[0]?.message}`);
  const { vehicle } = told.data;

  const range = await tryAgain(() => enrichRange(told.data, ports));
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
    ...routingOf(vehicle),
  };
}

interface Enriched {
  fromMs: number;
  toMs: number;
  samples: Sample[];
}

/**
 * Enriches the range and that of every pending receipt that touches it; what the codes in it say goes into the same commit
 * as the mark, so that no crash comes between. Null when samples changed meanwhile.
 */
async function enrichRange(told: ChangedRange, ports: Ports): Promise<Enriched | null> {
  const { store, clock, rulesFor } = ports;
  const { vehicle } = told;
  const version = await store.readVersion(vehicle);
  const { fromMs, toMs, ids, receipts } = await pendingIn(store, told, 2);
  const samples = await collect(store.readSamples(vehicle, fromMs, toMs));
  const { fuel } = rulesFor(vehicle);
  const changes: Sample[] = [];
  const enriched = samples.map((sample) => {
    const fields = enrichment(sample, fuel);
    if (Object.keys(fields).length === 0) return sample;
    changes.push({ timeMs: sample.timeMs, device: sample.device, ...fields });
    return { ...sample, ...fields };
  });
  const guard: Guard[] = [{ vehicle, version, of: 'samples', range: { fromMs, toMs } }];
  // What a replay changes beside the receipts that happen to be pending needs one of its own; then the pass is done again.
  const uncovered = changes.filter(({ timeMs }) => !receipts.some((one) => timeMs >= one.fromMs && timeMs <= one.toMs));
  if (ids.length > 0 && uncovered.length > 0) {
    await store.amend({ vehicle, samples: uncovered }, [], guard, clock.now());
    return null;
  }
  const alerts = await codeAlerts(vehicle, { fromMs, toMs, samples: enriched }, store);
  // Codes hang on readings of other ranges. A range without a reading has nothing to do with them: instances that enrich
  // parts of one vehicle side by side would otherwise send each other back again and again.
  if (alerts) guard.push({ vehicle, version, of: 'codes' });
  if (changes.length + ids.length > 0 || alerts) {
    const fresh = await store.amend({ vehicle, samples: changes }, ids, guard, clock.now(), alerts);
    if (fresh === null) return null;
    for (const alert of fresh) await ports.publish(alertEvent(alert, '/functions/enrich'));
  }
  return { fromMs, toMs, samples: enriched };
}

/** Codes set and cleared, from the reading before the range to the ones after it; undefined where it holds no reading. */
async function codeAlerts(
  vehicle: string,
  { fromMs, toMs, samples }: Enriched,
  store: Store,
): Promise<DerivedAlerts | undefined> {
  const within = samples.filter((sample) => sample.codesStored);
  if (within.length === 0) return undefined;
  const before = await store.nearestCodes(vehicle, fromMs, 'before');
  const nextMs = (await store.nearestCodes(vehicle, toMs, 'after'))?.timeMs;
  // Several devices may have read at that instant.
  const next = nextMs === undefined ? [] : await collect(store.readSamples(vehicle, nextMs, nextMs));
  const readings = [...within, ...next.filter((sample) => sample.codesStored)];
  const alerts = codeChanges(before, readings).map(
    ({ timeMs, kind, code }): Alert => ({ vehicle, timeMs, origin: 'codes', kind, detail: code }),
  );
  return { range: { vehicle, origin: 'codes', fromMs, toMs: nextMs ?? toMs }, alerts };
}
