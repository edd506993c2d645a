import type { PendingStage, Receipt, RollupStage } from '../port.ts';
import { dayMs } from '../retention.ts';
import { msOf, nanoseconds, parseNanoseconds } from './instants.ts';
import { lineOf } from './lines.ts';
import { measurements } from './names.ts';

/** A receipt is named by its point: `<vehicle>/<ns>`. */

export interface Marks {
  pending?: PendingStage;
  rollup?: RollupStage;
  attempts?: number;
}

export function receiptId(vehicle: string, ns: string): string {
  return `${vehicle}/${ns}`;
}

export function parseReceiptId(id: string): { vehicle: string; ns: string } {
  const [vehicle = '', ns = ''] = id.split('/');
  return { vehicle, ns };
}

/** A mark is another write to the same point. */
export function markLine(id: string, { pending, rollup, attempts }: Marks): string {
  const { vehicle, ns } = parseReceiptId(id);
  const whole = (value: number | undefined) => (value === undefined ? undefined : BigInt(value));
  const fields = { pending: whole(pending), rollup: whole(rollup), attempts: whole(attempts) };
  return lineOf(measurements.receipt, { vehicle }, fields, ns);
}

/** Receipts of what is written together: one of each vehicle and UTC day. */
export interface ReceiptSheet {
  /** Counts a sample; answers what its receipt stands for. */
  cover(vehicle: string, timeMs: number): Stretch;
  /** The receipts, each with what it stands for. */
  lines(receivedMs: number, pending: PendingStage): [stretch: Stretch, line: string][];
}

export interface Stretch {
  vehicle: string;
  dayMs: number;
  fromMs: number;
  toMs: number;
  count: number;
  /** What keeps receipts of one vehicle and first instant apart. */
  sub: number;
}

export function stretchId({ vehicle, fromMs, sub }: Stretch): string {
  return receiptId(vehicle, nanoseconds(fromMs, sub));
}

export function createReceiptSheet(): ReceiptSheet {
  const stretches = new Map<string, Stretch>();
  /** Samples come vehicle by vehicle, in order of time mostly. */
  let last: Stretch | undefined;
  return {
    cover(vehicle, timeMs) {
      if (last?.vehicle === vehicle && timeMs >= last.fromMs && timeMs < last.dayMs + dayMs) {
        last.count++;
        if (timeMs > last.toMs) last.toMs = timeMs;
        return last;
      }
      const day = Math.floor(timeMs / dayMs) * dayMs;
      const key = `${vehicle} ${day}`;
      const known = stretches.get(key);
      if (!known) {
        const sub = Math.floor(Math.random() * 1_000_000);
        const stretch = { vehicle, dayMs: day, fromMs: timeMs, toMs: timeMs, count: 1, sub };
        stretches.set(key, stretch);
        last = stretch;
        return stretch;
      }
      known.count++;
      if (timeMs < known.fromMs) known.fromMs = timeMs;
      if (timeMs > known.toMs) known.toMs = timeMs;
      last = known;
      return known;
    },
    lines: (receivedMs, pending) =>
      [...stretches.values()].map((stretch) => [
        stretch,
        lineOf(
          measurements.receipt,
          { vehicle: stretch.vehicle },
          {
            pending: BigInt(pending),
            rollup: 2n,
            attempts: 0n,
            spanMs: BigInt(stretch.toMs - stretch.fromMs),
            n: BigInt(stretch.count),
            receivedMs: BigInt(receivedMs),
          },
          nanoseconds(stretch.fromMs, stretch.sub),
        ),
      ]),
  };
}

/** Reads receipts off a pivoted table; a mark whose receipt is gone is none. */
export function receiptReader(
  names: readonly string[],
): (values: readonly string[]) => (Receipt & { ns: string }) | undefined {
  const at = (name: string) => names.indexOf(name);
  const places = {
    vehicle: at('vehicle'),
    ns: at('_time'),
    spanMs: at('spanMs'),
    n: at('n'),
    receivedMs: at('receivedMs'),
    pending: at('pending'),
    rollup: at('rollup'),
    attempts: at('attempts'),
  };
  return (values) => {
    const count = values[places.n];
    if (count === undefined || count === '') return undefined;
    const whole = (place: number) => Number(values[place]);
    const ns = parseNanoseconds(values[places.ns] as string);
    const vehicle = values[places.vehicle] as string;
    const fromMs = msOf(ns);
    return {
      ns,
      id: receiptId(vehicle, ns),
      vehicle,
      fromMs,
      toMs: fromMs + whole(places.spanMs),
      count: Number(count),
      receivedMs: whole(places.receivedMs),
      pending: whole(places.pending) as PendingStage,
      rollup: whole(places.rollup) as RollupStage,
      attempts: whole(places.attempts),
    };
  };
}
