import { randomUUID } from 'node:crypto';
import { flux, fluxDateTime, fluxDuration } from '@influxdata/influxdb-client';
import type { Guard, Guards } from '../port.ts';
import type { Client } from './client.ts';
import { endMs } from './instants.ts';
import { lineOf } from './lines.ts';
import { type BucketName, measurements } from './names.ts';

/**
 * The change log that guards stand on (decisions/0009): every write that a guard may be about leaves a point, at the
 * server's own time, so that writers' clocks do not matter. A version is the ids of the latest changes; a guard holds while
 * there is no other id since. What a write takes longer than this to show is missed, and left to sealing.
 */
const marginMs = 30_000;

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
  const query = (vehicle: string, start: ReturnType<typeof fluxDateTime>) =>
    client.query(
      flux`import "array"
        array.from(rows: [{_time: now()}]) |> yield(name: "now")
        from(bucket: ${bucket}) |> range(start: ${start}, stop: ${fluxDateTime(new Date(endMs).toISOString())})
          |> filter(fn: (r) => r._measurement == ${measurements.change} and r._field == "touched" and r.vehicle == ${vehicle})
          |> yield(name: "changes")`,
      readAnswer,
    );

  return {
    async version(vehicle) {
      const answers = await query(vehicle, fluxDuration(`-${marginMs}ms`));
      const nowMs = answers.find((answer) => typeof answer === 'number') ?? 0;
      const ids = answers.flatMap((answer) => (typeof answer === 'number' ? [] : [answer.id]));
      return [new Date(nowMs - marginMs).toISOString(), ...ids].join(' ');
    },
    async hold(guards, own) {
      const ownIds = new Set(own.map(({ id }) => id));
      const read = new Map<string, Awaited<ReturnType<typeof query>>>();
      for (const guard of [guards].flat()) {
        const [start = '', ...known] = guard.version.split(' ');
        const key = `${guard.vehicle} ${start}`;
        const answers = read.get(key) ?? (await query(guard.vehicle, fluxDateTime(start)));
        read.set(key, answers);
        for (const answer of answers) {
          if (typeof answer === 'number' || ownIds.has(answer.id) || known.includes(answer.id)) continue;
          if (breaks(answer, guard)) return false;
        }
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

/** A change, or of the other table the server's clock, ms. */
function readAnswer(names: readonly string[]): (values: readonly string[]) => Change | number {
  const valueAt = names.indexOf('_value');
  const timeAt = names.indexOf('_time');
  return (values) => {
    if (valueAt === -1) return Date.parse(values[timeAt] as string);
    const [kind, fromMs, toMs, id] = (values[valueAt] as string).split(' ');
    return { id: id as string, kind: kind as ChangeKind, fromMs: Number(fromMs), toMs: Number(toMs) };
  };
}
