import { createHash } from 'node:crypto';
import { idPattern } from '../../telemetry/sample.ts';
import { mayHoldErased, vehicleOf } from '../erasure.ts';
import type { DeadLetter, DeadLetterStore } from '../port.ts';
import { maxDeadLetters } from '../retention.ts';
import type { Client } from './client.ts';
import { pivoted, pointsOf } from './flux.ts';
import { beginningMs, endMs, nanoseconds } from './instants.ts';
import { lineOf, sixDigits } from './lines.ts';
import { measurements } from './names.ts';
import type { Locks } from './slots.ts';
import type { Tombstones } from './tombstones.ts';

const bucket = 'fleet';
const measurement = measurements.deadLetter;

/** Letters are few, so that each list reads all; one at a time is written, because counting is reading and writing. */
export function createDeadLetters(client: Client, tombstones: Tombstones, locks: Locks): DeadLetterStore {
  const readAll = async () => {
    const letters = await client.query(
      pivoted(pointsOf({ bucket, measurement, fromMs: beginningMs, toMs: endMs })),
      letterReader,
    );
    return letters.sort((a, b) => b.lastMs - a.lastMs || (a.id < b.id ? -1 : 1));
  };
  const find = async (id: string) => (await readAll()).find((letter) => letter.id === id);
  const write = (letter: DeadLetter) => client.write(bucket, [letterLine(letter)]);

  return {
    putDeadLetter: (letter, nowMs) =>
      locks.run(measurement, async () => {
        const vehicle = vehicleOf(letter.event);
        const untilMs = vehicle === undefined ? undefined : (await tombstones.current()).get(vehicle);
        if (untilMs !== undefined && mayHoldErased(letter.event, untilMs)) return false;
        const id = deadLetterId(letter);
        const letters = await readAll();
        const { firstMs, count } = letters.find((one) => one.id === id) ?? { firstMs: nowMs, count: 0 };
        await write({ ...letter, id, firstMs, lastMs: nowMs, count: count + 1, replayedMs: null });
        for (const oldest of letters.slice(maxDeadLetters)) {
          await client.remove(bucket, { measurement, fromMs: oldest.firstMs, toMs: oldest.firstMs });
        }
        return true;
      }),
    async listDeadLetters({ withReplayed, limit }) {
      return (await readAll()).filter(({ replayedMs }) => withReplayed || replayedMs === null).slice(0, limit);
    },
    readDeadLetter: find,
    markReplayed: (id, nowMs) =>
      locks.run(measurement, async () => {
        const letter = await find(id);
        if (letter && letter.lastMs < nowMs) await write({ ...letter, replayedMs: nowMs });
      }),
    async countDeadLetters() {
      return (await readAll()).filter(({ replayedMs }) => replayedMs === null).length;
    },
  };
}

/** The same event for the same destination has the same id. */
function deadLetterId({ event, destination }: Pick<DeadLetter, 'event' | 'destination'>): string {
  return createHash('sha256')
    .update(JSON.stringify([event.source, event.id, destination]))
    .digest('hex')
    .slice(0, 16);
}

function letterLine({ id, event, destination, code, reason, firstMs, lastMs, count, replayedMs }: DeadLetter): string {
  const vehicle = vehicleOf(event);
  const tags = vehicle !== undefined && idPattern.test(vehicle) ? { vehicle } : {};
  const numbers = { code: code ?? 0, firstMs, lastMs, count, replayedMs: replayedMs ?? 0 };
  const fields = { id, event: JSON.stringify(event), destination, reason, ...numbers };
  return lineOf(measurement, tags as Record<string, string>, fields, nanoseconds(firstMs, sixDigits(id)));
}

function letterReader(names: readonly string[]): (values: readonly string[]) => DeadLetter {
  const at = new Map(names.map((name, place) => [name, place]));
  return (values) => {
    const text = (name: string) => values[at.get(name) ?? -1] ?? '';
    const number = (name: string) => Number(text(name));
    return {
      id: text('id'),
      event: JSON.parse(text('event')),
      destination: text('destination'),
      code: number('code') || null,
      reason: text('reason'),
      firstMs: number('firstMs'),
      lastMs: number('lastMs'),
      count: number('count'),
      replayedMs: number('replayedMs') || null,
    };
  };
}
