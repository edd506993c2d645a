import type { VehicleSamples } from '../../telemetry/sample.ts';
import type { Alert, DerivedAlerts, Guard, Guards, ReceiptStore, SampleStore, TripStore } from '../port.ts';
import type { Alerts } from './alerts.ts';
import { type Change, type Changes, changeLine, newChange } from './changes.ts';
import type { Client } from './client.ts';
import { createReceiptSheet } from './receipt-points.ts';
import { sampleLine } from './sample-lines.ts';
import type { Locks } from './slots.ts';
import { refusalsOf, type Tombstones } from './tombstones.ts';
import { tripLine } from './trips.ts';

/** Trips of a request; their bodies are about a kilobyte each. */
const maxTripLines = 1_000;

interface Parts {
  client: Client;
  changes: Changes;
  alerts: Alerts;
  receipts: Pick<ReceiptStore, 'markReceipts'>;
  tombstones: Tombstones;
  locks: Locks;
}

export type DerivedWrites = Pick<SampleStore, 'amend'> & Pick<TripStore, 'writeTrips'>;

/**
 * Writes that stand on what was read, without transactions (decisions/0001, 0007): say what is about to be written, check,
 * write, check again, and only then mark. Of two writers at least one sees the other, and derives again; whoever dies
 * midway has marked nothing. In one process they wait for each other.
 */
export function createDerivedWrites({ client, changes, alerts, receipts, tombstones, locks }: Parts): DerivedWrites {
  const announce = (vehicle: string, change: Change) => client.write('telemetry_raw', [changeLine(vehicle, change)]);

  async function replaceAlerts(derived: DerivedAlerts | undefined): Promise<Alert[]> {
    if (!derived) return [];
    const { lines, fresh } = await alerts.replacing(derived);
    if (lines.length > 0) await client.write('fleet', lines);
    return fresh;
  }

  return {
    amend: (group, receiptIds, guard, receivedMs, derived) =>
      locks.run(group.vehicle, async () => {
        if (refusalsOf([group], await tombstones.current()).length > 0) return null;
        const own: Change[] = [];
        if (derived) {
          own.push(newChange('codes'));
          await announce(group.vehicle, own[0] as Change);
        }
        if (!(await changes.hold(guard, own))) return null;
        if (group.samples.length > 0) {
          own.push(await writeSamples(group, receiptIds.length > 0 ? undefined : receivedMs));
          if (!(await changes.hold(guard, own))) return null;
        }
        const fresh = await replaceAlerts(derived);
        await receipts.markReceipts(receiptIds, { pending: 1 });
        return fresh;
      }),

    writeTrips: (trips, receiptIds, guard, derived) =>
      locks.run(vehicleOf(guard), async () => {
        const own = [newChange('trips')];
        await announce(vehicleOf(guard), own[0] as Change);
        if (!(await changes.hold(guard, own))) return null;
        const lines = trips.map(tripLine);
        for (let at = 0; at < lines.length; at += maxTripLines) {
          await client.write('fleet', lines.slice(at, at + maxTripLines));
        }
        if (lines.length > 0 && !(await changes.hold(guard, own))) return null;
        const fresh = await replaceAlerts(derived);
        await receipts.markReceipts(receiptIds, { pending: 0 });
        return fresh;
      }),
  };

  /** Samples, and receipts that are enriched where there are none yet; a request for each UTC day. */
  async function writeSamples({ vehicle, samples }: VehicleSamples, receivedMs: number | undefined): Promise<Change> {
    const sheet = createReceiptSheet();
    const days = new Map<number, string[]>();
    let [fromMs, toMs] = [Infinity, -Infinity];
    for (const sample of samples) {
      const { dayMs } = sheet.cover(vehicle, sample.timeMs);
      const line = sampleLine(vehicle, sample);
      const day = days.get(dayMs);
      if (day) day.push(line);
      else days.set(dayMs, [line]);
      fromMs = Math.min(fromMs, sample.timeMs);
      toMs = Math.max(toMs, sample.timeMs);
    }
    const change = newChange('samples', fromMs, toMs);
    for (const [{ dayMs }, line] of receivedMs === undefined ? [] : sheet.lines(receivedMs, 1)) {
      days.get(dayMs)?.push(line);
    }
    for (const lines of days.values()) {
      await client.write('telemetry_raw', [...lines, changeLine(vehicle, change)]);
    }
    return change;
  }
}

/** All guards of a write are about one vehicle. */
function vehicleOf(guards: Guards): string {
  return ([guards].flat()[0] as Guard).vehicle;
}
