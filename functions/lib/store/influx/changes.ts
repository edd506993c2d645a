import { randomUUID } from 'node:crypto';
import { flux, fluxDateTime, fluxDuration } from '@influxdata/influxdb-client';
import type { Guard, Guards } from '../port.ts';
import type { Client } from './client.ts';
import { endMs } from './instants.ts';
import { lineOf } from './lines.ts';
import { type BucketName, measurements } from './names.ts';

/**
 * The change log that guards stand on (decisions/0009): every write that a guard may be about leaves a point, at the
 * server's own time, so that writers' clocks do not matter. A version is the ids of the latest changes and when, by this
 * process, it was read; a guard holds while there is no other id since. What a write takes longer than 20 s to show is
 * missed, and left to sealing.
 */
const knownMs = 30_000;
const marginMs = 20_000;

const bucket: BucketName = 'telemetry_raw';

/** What was written: samples, trips, codes; or the vehicle was erased. */
export type ChangeKind = 'samples' | 'trips' | 'codes' | 'erased';

export interface Change {
  id: string;
  kind: ChangeKind;
  fromMs: number;
  toMs: number;
}

export function newChange(kind: ChangeKind, fromMs = 0, toMs = endMs): Change {
  return { id: randomUUID().slice(0, 13), kind, fromMs, toMs };
}

/**
 * Without a time: the server puts its own.
 *
 * @param receivedMs of samples that were appended
 */
export function changeLine(vehicle: string, { id, kind, fromMs, toMs }: Change, receivedMs?: number): string {
  const received = receivedMs === undefined ? undefined : BigInt(receivedMs);
  return lineOf(
    measurements.change,
    { vehicle },
    { touched: [kind, fromMs, toMs, id].join(' '), receivedMs: received },
    '',
  );
}

export interface Changes {
  version(vehicle: string): Promise<string>;
  /** Whether nothing was written that the guards are about, beside what is `own`. */
  hold(guards: Guards, own: readonly Change[]): Promise<boolean>;
}

export function createChanges(client: Client): Changes {
  /** Changes of a vehicle in so many of the last milliseconds, by the server's clock. */
  const latest = (vehicle: string, ms: number) =>
    client.query(
      flux`from(bucket: ${bucket})
        |> range(start: ${fluxDuration(`-${Math.ceil(ms)}ms`)}, stop: ${fluxDateTime(new Date(endMs).toISOString())})
        |> filter(fn: (r) => r._measurement == ${measurements.change})
        |> filter(fn: (r) => r.vehicle == ${vehicle})
        |> filter(fn: (r) => r._field == "touched")
        |> keep(columns: ["_value"])`,
      changeReader,
    );

  return {
    async version(vehicle) {
      const readAtMs = performance.now();
      const changes = await latest(vehicle, knownMs);
      return [readAtMs, ...changes.map(({ id }) => id)].join(' ');
    },
    async hold(guards, own) {
      const ownIds = new Set(own.map(({ id }) => id));
      const read = new Map<string, Change[]>();
      for (const guard of [guards].flat()) {
        const [readAt, ...known] = guard.version.split(' ');
        const key = `${guard.vehicle} ${readAt}`;
        const changes = read.get(key) ?? (await latest(guard.vehicle, performance.now() - Number(readAt) + marginMs));
        read.set(key, changes);
        const others = changes.filter(({ id }) => !ownIds.has(id) && !known.includes(id));
        if (others.some((change) => breaks(change, guard))) return false;
      }
      return true;
    },
  };
}

function breaks(change: Change, { of, range }: Guard): boolean {
  if (change.kind === 'erased') return true;
  if (change.kind !== of) return false;
  return of !== 'samples' || !range || (change.toMs >= range.fromMs && change.fromMs <= range.toMs);
}

function changeReader(names: readonly string[]): (values: readonly string[]) => Change {
  const at = names.indexOf('_value');
  return (values) => {
    const [kind, fromMs, toMs, id] = (values[at] as string).split(' ');
    return { id: id as string, kind: kind as ChangeKind, fromMs: Number(fromMs), toMs: Number(toMs) };
  };
}
