import type { VehicleSamples } from '../../telemetry/sample.ts';
import { type Erasure, StoreUnavailable, VehicleErased } from '../port.ts';
import { changeLine, newChange } from './changes.ts';
import { type Client, PartialWrite } from './client.ts';
import { createReceiptSheet, type Stretch, stretchId } from './receipt-points.ts';
import { sampleLine } from './sample-lines.ts';
import { refusalsOf, type Tombstones } from './tombstones.ts';

/** Appends are joined to requests of about so many lines: what InfluxDB recommends; one append may be longer. */
const aimLines = 5_000;
/** Requests under way at most: while InfluxDB takes one apart, the next is on its way. */
const maxUnderWay = 2;
/** A second one is worth it from so many lines; fewer wait for more. */
const worthLines = 500;
/** Samples waiting at most: some seconds of what one influxd takes; more is answered 503. */
const maxWaitingSamples = 50_000;
/** Characters of lines waiting at most, because raw OBD-II lines may make a sample a thousand times the usual. */
const maxWaitingCharacters = 32 * 1024 * 1024;

export interface CommitQueue {
  append(groups: readonly VehicleSamples[], receivedMs: number): Promise<{ receipt: string }>;
  /** Why an append would be refused just now. */
  busy(): StoreUnavailable | undefined;
  /** Resolves when what came before has its answer. */
  drain(): Promise<void>;
}

interface Append {
  groups: readonly VehicleSamples[];
  receivedMs: number;
  /** The lines of its samples, in their order. */
  lines: string[];
  resolve(value: { receipt: string }): void;
  reject(error: Error): void;
}

/**
 * Group commit: whatever comes while a request is on its way makes up the next one, so that a lone append waits for one
 * round trip and a thousand of them share it. A vehicle is in one request at a time, for of two samples under one identity
 * the last must win.
 */
export function createCommitQueue(client: Client, tombstones: Tombstones): CommitQueue {
  let waiting: Append[] = [];
  let samples = 0;
  let characters = 0;
  let waitingLines = 0;
  let underWay = 0;
  let scheduled = false;
  const writing = new Set<string>();
  let drained: (() => void) | undefined;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // What comes in the same turn is taken along.
    setImmediate(() => {
      scheduled = false;
      while (underWay === 0 || (underWay < maxUnderWay && waitingLines >= worthLines)) {
        const group = takeGroup();
        if (group.length === 0) break;
        void commitAndRelease(group);
      }
      if (underWay === 0) drained?.();
    });
  }

  async function commitAndRelease(group: Append[]): Promise<void> {
    const vehicles = group.flatMap(({ groups }) => groups.map(({ vehicle }) => vehicle));
    for (const vehicle of vehicles) writing.add(vehicle);
    underWay++;
    await commit(group).catch((error: Error) => {
      for (const append of group) append.reject(error);
    });
    underWay--;
    for (const vehicle of vehicles) writing.delete(vehicle);
    for (const { lines } of group) {
      samples -= lines.length;
      characters -= lengthOf(lines);
    }
    schedule();
  }

  /** The first that wait, without those of a vehicle that is being written, or that waits for one that is. */
  function takeGroup(): Append[] {
    const blocked = new Set(writing);
    const group: Append[] = [];
    const rest: Append[] = [];
    let lines = 0;
    for (const append of waiting) {
      const isBlocked = append.groups.some(({ vehicle }) => blocked.has(vehicle));
      if (lines < aimLines && !isBlocked) {
        group.push(append);
        lines += append.lines.length;
      } else {
        rest.push(append);
        for (const { vehicle } of append.groups) blocked.add(vehicle);
      }
    }
    waiting = rest;
    waitingLines -= lines;
    return group;
  }

  async function commit(group: Append[]): Promise<void> {
    const erased = await tombstones.current();
    const kept: Append[] = [];
    for (const append of group) {
      const erasures: Erasure[] = refusalsOf(append.groups, erased);
      if (erasures.length > 0) append.reject(new VehicleErased(erasures));
      else kept.push(append);
    }
    try {
      await send(kept);
    } catch (error) {
      if (!(error instanceof PartialWrite) || kept.length < 2) throw error;
      // The good rows are written already: each append once more by itself, so that only that of the bad row is refused.
      for (const append of kept) await send([append]).catch((own: Error) => append.reject(own));
    }
  }

  /** One request for each UTC day: only within one is it whole. */
  async function send(appends: readonly Append[]): Promise<void> {
    const days = new Map<number, string[]>();
    const sheet = createReceiptSheet();
    const covering = appends.map(({ groups, lines }) => {
      let first: Stretch | undefined;
      let at = 0;
      for (const { vehicle, samples: rows } of groups) {
        for (const { timeMs } of rows) {
          const stretch = sheet.cover(vehicle, timeMs);
          first ??= stretch;
          const day = days.get(stretch.dayMs);
          if (day) day.push(lines[at++] as string);
          else days.set(stretch.dayMs, [lines[at++] as string]);
        }
      }
      return first as Stretch;
    });
    const receivedMs = Math.min(...appends.map((append) => append.receivedMs));
    for (const [stretch, line] of sheet.lines(receivedMs, 2)) {
      const change = newChange('samples', stretch.fromMs, stretch.toMs);
      days.get(stretch.dayMs)?.push(line, changeLine(stretch.vehicle, change, receivedMs));
    }
    await Promise.all([...days.values()].map((lines) => client.write('telemetry_raw', lines)));
    appends.forEach((append, i) => {
      append.resolve({ receipt: stretchId(covering[i] as Stretch) });
    });
  }

  function busy(): StoreUnavailable | undefined {
    const isFull = samples >= maxWaitingSamples || characters >= maxWaitingCharacters;
    return isFull ? new StoreUnavailable('the store is busy', { retryAfterS: 1 }) : undefined;
  }

  return {
    busy,
    async append(groups, receivedMs) {
      const refusal = busy();
      if (refusal) throw refusal;
      const lines = groups.flatMap((group) => group.samples.map((sample) => sampleLine(group.vehicle, sample)));
      if (lines.length === 0) throw new RangeError('an append needs a sample');
      samples += lines.length;
      characters += lengthOf(lines);
      waitingLines += lines.length;
      return new Promise((resolve, reject) => {
        waiting.push({ groups, receivedMs, lines, resolve, reject });
        schedule();
      });
    },
    drain: () =>
      new Promise((resolve) => {
        drained = resolve;
        schedule();
      }),
  };
}

function lengthOf(lines: readonly string[]): number {
  let sum = 0;
  for (const line of lines) sum += line.length;
  return sum;
}
