import { rollupColumns } from '../telemetry/columns.ts';
import type { Sample } from '../telemetry/sample.ts';
import { type Aggregate, type Rollup, type RollupTier, windowStartMs } from './rollup.ts';

/** The 1-minute rows of one vehicle's samples, in order of start. The samples may come in any order, each once. */
export function aggregateSamples(vehicle: string, samples: Iterable<Sample>): Rollup[] {
  const windows = createWindows(vehicle, '1m');
  for (const sample of samples) {
    const window = windows.at(sample.timeMs);
    window.count++;
    for (const { name } of rollupColumns) {
      const value = sample[name] as number | undefined;
      if (value === undefined) continue;
      const part = { count: 1, sum: value, min: value, max: value, last: value };
      merge(window.fields, name, part, sample.timeMs, sample.device);
    }
  }
  return windows.rows();
}

/** The 5-minute rows of one vehicle's 1-minute rows, in order of start: sums of sums, never means of means. */
export function aggregateMinutes(vehicle: string, minutes: Iterable<Rollup>): Rollup[] {
  const windows = createWindows(vehicle, '5m');
  for (const minute of minutes) {
    const timeMs = Date.parse(minute.startedAt);
    const window = windows.at(timeMs);
    window.count += minute.count;
    for (const [name, part] of Object.entries(minute.fields)) merge(window.fields, name, part, timeMs, '');
  }
  return windows.rows();
}

/** A field's aggregate so far. The sum is compensated (Neumaier), as SQLite's is, so that order hardly shows in it. */
interface Running {
  count: number;
  sum: number;
  /** What rounding took from the sum. */
  lost: number;
  min: number;
  max: number;
  last: number;
  lastMs: number;
  /** Of two values of one instant, the one of the greater device name is the last. */
  lastDevice: string;
}

interface Window {
  count: number;
  fields: Map<string, Running>;
}

type Part = Pick<Aggregate, 'count' | 'sum' | 'min' | 'max' | 'last'>;

function merge(fields: Map<string, Running>, name: string, part: Part, timeMs: number, device: string): void {
  const running = fields.get(name);
  if (!running) {
    fields.set(name, { ...part, sum: part.sum ?? 0, lost: 0, lastMs: timeMs, lastDevice: device });
    return;
  }
  running.count += part.count;
  addTo(running, part.sum ?? 0);
  running.min = Math.min(running.min, part.min);
  running.max = Math.max(running.max, part.max);
  if (timeMs > running.lastMs || (timeMs === running.lastMs && device >= running.lastDevice)) {
    running.last = part.last;
    running.lastMs = timeMs;
    running.lastDevice = device;
  }
}

function addTo(running: Running, value: number): void {
  const total = running.sum + value;
  running.lost += Math.abs(running.sum) >= Math.abs(value) ? running.sum - total + value : value - total + running.sum;
  running.sum = total;
}

function createWindows(vehicle: string, tier: RollupTier) {
  const byStart = new Map<number, Window>();
  return {
    at(timeMs: number): Window {
      const startMs = windowStartMs(tier, timeMs);
      const window = byStart.get(startMs) ?? { count: 0, fields: new Map() };
      byStart.set(startMs, window);
      return window;
    },
    rows(): Rollup[] {
      return [...byStart]
        .sort(([a], [b]) => a - b)
        .map(([startMs, { count, fields }]) => ({
          vehicle,
          tier,
          startedAt: new Date(startMs).toISOString(),
          count,
          fields: finished(fields),
        }));
    },
  };
}

function finished(fields: Map<string, Running>): Record<string, Aggregate> {
  const aggregates: Record<string, Aggregate> = {};
  for (const { name, rollup } of rollupColumns) {
    const running = fields.get(name);
    if (!running) continue;
    const { count, min, max, last } = running;
    const sum = rollup === 'noMean' ? null : running.sum + running.lost;
    aggregates[name] = { count, sum, mean: sum === null ? null : sum / count, min, max, last };
  }
  return aggregates;
}
