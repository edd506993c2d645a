import type { Alert, AlertStore, DerivedAlerts } from '../port.ts';
import { dayMs } from '../retention.ts';
import type { Client } from './client.ts';
import { pivoted, pointsOf } from './flux.ts';
import { aheadMs, beginningMs, clampMs, nanoseconds } from './instants.ts';
import { lineOf, sixDigits } from './lines.ts';
import { measurements } from './names.ts';

const bucket = 'fleet';
const measurement = measurements.alert;
/** The first stretch that a list looks into, going back; each next is four times as long, ms. */
const firstMs = 7 * dayMs;

export interface Alerts extends AlertStore {
  /** What it takes to replace the alerts of a pass in a range, and which of them were not there before. */
  replacing(derived: DerivedAlerts): Promise<{ lines: string[]; fresh: Alert[] }>;
}

export function createAlerts(client: Client): Alerts {
  const read = (vehicle: string | undefined, fromMs: number, toMs: number) =>
    client.query(pivoted(pointsOf({ bucket, measurement, vehicle, fromMs, toMs })), alertReader);

  return {
    async listAlerts({ vehicle, fromMs, toMs, limit }) {
      const found: Alert[] = [];
      const earliestMs = clampMs(fromMs);
      let until = Math.min(clampMs(toMs), Math.max(Date.now() + aheadMs, clampMs(fromMs)));
      for (let lengthMs = firstMs; until >= earliestMs && found.length < limit; lengthMs *= 4) {
        const from = Math.max(earliestMs, until - lengthMs + 1);
        found.push(...(await read(vehicle, from, until)).sort(latestFirst));
        until = from - 1;
      }
      return found.slice(0, limit);
    },
    async replacing({ range: { vehicle, origin, fromMs, toMs }, alerts }) {
      const there = (await read(vehicle, Math.max(fromMs, beginningMs), toMs)).filter((one) => one.origin === origin);
      const before = new Set(there.map(keyOf));
      const after = new Set(alerts.map(keyOf));
      const fresh = alerts.filter((alert) => !before.has(keyOf(alert)));
      const gone = there.filter((alert) => !after.has(keyOf(alert)));
      return {
        lines: [...fresh.map((alert) => alertLine(alert, true)), ...gone.map((alert) => alertLine(alert, false))],
        fresh,
      };
    },
  };
}

/** What is no longer derived keeps its point: deleting would take ten times as long. */
function alertLine({ vehicle, timeMs, origin, kind, detail }: Alert, isActive: boolean): string {
  const fields = { origin, kind, detail, status: isActive ? 'active' : 'retracted' };
  return lineOf(measurement, { vehicle }, fields, nanoseconds(timeMs, sixDigits(origin, kind, detail)));
}

const keyOf = ({ timeMs, kind, detail }: Alert) => `${timeMs} ${kind} ${detail}`;

function latestFirst(a: Alert, b: Alert): number {
  return b.timeMs - a.timeMs || compare(a.vehicle, b.vehicle) || compare(a.kind, b.kind) || compare(a.detail, b.detail);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function alertReader(names: readonly string[]): (values: readonly string[]) => Alert | undefined {
  const at = (name: string) => names.indexOf(name);
  const [vehicle, time, origin, kind, detail] = [at('vehicle'), at('_time'), at('origin'), at('kind'), at('detail')];
  const status = at('status');
  return (values) =>
    values[status] === 'active'
      ? ({
          vehicle: values[vehicle],
          timeMs: Date.parse(values[time] as string),
          origin: values[origin],
          kind: values[kind],
          detail: values[detail],
        } as Alert)
      : undefined;
}
