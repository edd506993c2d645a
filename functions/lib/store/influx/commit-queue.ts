import type { VehicleSamples } from '../../telemetry/sample.ts';
import { type Erasure, StoreUnavailable, VehicleErased } from '../port.ts';
import { changeLine, newChange } from './changes.ts';
import { type Client, PartialWrite } from './client.ts';
import { createReceiptSheet, type Stretch, stretchId } from './receipt-points.ts';
import { sampleLine } from './sample-lines.ts';
import { refusalsOf, type Tombstones } from './tombstones.ts';

/** Appends are joined to requests of about so many lines: what InfluxDB recommends; one append may be longer. */
const aimLines = 5_000;
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
 * round trip and a thousand of them share it. One request at a time, for of two samples under one identity the last must win.
 */
export function createCommitQueue(client: Client, tombstones: Tombstones): CommitQueue {
  let waiting: Append[] = [];
  let samples = 0;
  let characters = 0;
  let committing: Promise<void> | undefined;

  async function commitAll(): Promise<void> {
    // What came in the same turn is taken along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = takeGroup();
      await commit(group).catch((error: Error) => {
        for (const append of group) append.reject(error);
      });
      for (const { lines } of group) {
        samples -= lines.length;
        characters -= lengthOf(lines);
      }
    }
    committing = undefined;
  }

  function takeGroup(): Append[] {
    let lines = 0;
    const at = waiting.findIndex((append) => {
      lines += append.lines.length;
      return lines >= aimLines;
    });
    const group = at === -1 ? waiting : waiting.slice(0, at + 1);
    waiting = at === -1 ? [] : waiting.slice(at + 1);
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
      return new Promise((resolve, reject) => {
        waiting.push({ groups, receivedMs, lines, resolve, reject });
        committing ??= commitAll();
      });
    },
    drain: async () => committing,
  };
}

function lengthOf(lines: readonly string[]): number {
  let sum = 0;
  for (const line of lines) sum += line.length;
  return sum;
}
